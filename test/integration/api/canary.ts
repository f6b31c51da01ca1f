import { randomUUID } from 'node:crypto';

/** A unique text, which can be found again in every usual encoding. */
export class Canary {
  readonly core: string;
  readonly #forms: readonly string[];

  constructor() {
    this.core = `canary-${randomUUID()}`;
    const bytes = Buffer.from(this.core, 'utf8');
    this.#forms = [this.core, bytes.toString('hex'), bytes.toString('utf16le'), ...base64Forms(bytes)];
  }

  /** A credential with the text, and with characters that JSON, URLs and HTML escape. */
  get credential(): string {
    return `"${this.core}\\%<&`;
  }

  /** Returns true if `text` holds the canary, plain or encoded. Escaping keeps letters, digits and hyphens. */
  isIn(text: string): boolean {
    return this.#forms.some((form) => text.includes(form));
  }
}

/** Returns the base64 of bytes at each offset in a group of three, without characters that neighbors share. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    const skipped = offset === 0 ? 0 : 4;
    return [whole.toString('base64').slice(skipped), whole.toString('base64url').slice(skipped)];
  });
}
