import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

/** SHA-256, or HMAC-SHA-256 when given a secret, in the shape `@smithy/signature-v4` asks for. */
export class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', asKey(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(asKey(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function asKey(data: string | ArrayBuffer | ArrayBufferView): string | Buffer {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}
