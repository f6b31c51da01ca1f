import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ReceivedRequest } from './request.ts';

type SignedRequest = Pick<ReceivedRequest, 'method' | 'encodedPath' | 'rawQueryString' | 'headers' | 'body'>;

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

const SERVICE = 'execute-api';
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: within five minutes of the time stamp. */
const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000;
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Makes a signer of requests to API Gateway. */
export function signerFor(
  { region, accessKeyId, secretAccessKey }: SigningKey,
  options: { readonly applyChecksum: boolean } = { applyChecksum: true },
): SignatureV4 {
  const credentials = { accessKeyId, secretAccessKey };
  return new SignatureV4({ region, service: SERVICE, credentials, sha256: NodeSha256, ...options });
}

/**
 * Verifies a Signature Version 4 in the `authorization` header by signing the request again: the header then has to be
 * the same, with its key, day, region and service. Supports long-term keys alone.
 *
 * @param now the gateway's clock; the request's `x-amz-date` may differ by 5 minutes either way.
 * @returns why the signature is refused; undefined where it is accepted.
 */
export async function verifySignature(
  request: SignedRequest,
  key: SigningKey,
  now: Date,
): Promise<string | undefined> {
  const { authorization = '', ...headers } = request.headers;
  const signedNames = new Set(/SignedHeaders=([^, ]+)/.exec(authorization)?.[1]?.split(';'));
  if (signedNames.size === 0) return 'the authorization header has no signature';
  const signedAt = parseAmzDate(headers['x-amz-date']);
  if (!signedAt) return 'x-amz-date is missing or malformed';
  if (Math.abs(now.getTime() - signedAt.getTime()) > MAX_CLOCK_SKEW_MS) {
    return 'the signature is too old or too new';
  }
  if (headers['x-amz-security-token'] !== undefined) return 'session tokens are not supported';
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  if (mustBeSigned.some((name) => !signedNames.has(name))) return 'a header is not signed';
  const bodyHash = headers['x-amz-content-sha256'];
  if (bodyHash !== undefined && bodyHash !== sha256Hex(request.body)) return 'the body has another hash';
  const expected = Buffer.from(await signAgain(request, key, signedNames, signedAt));
  const received = Buffer.from(authorization.replaceAll(/, */g, ', '));
  const isSame = expected.length === received.length && timingSafeEqual(expected, received);
  return isSame ? undefined : 'the signature does not match the request';
}

function parseAmzDate(text = ''): Date | undefined {
  if (!AMZ_DATE.test(text)) return undefined;
  const at = new Date(text.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

async function signAgain(
  { method, encodedPath: path, rawQueryString, headers, body }: SignedRequest,
  key: SigningKey,
  signableHeaders: Set<string>,
  signingDate: Date,
): Promise<string> {
  const signedHeaders = Object.entries(headers).filter(([name]) => signableHeaders.has(name));
  const signed = await signerFor(key, { applyChecksum: false }).sign(
    {
      method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path,
      query: queryValues(rawQueryString),
      headers: Object.fromEntries(signedHeaders),
      body,
    },
    { signingDate, signableHeaders },
  );
  return signed.headers.authorization ?? '';
}

/** Decodes the query as the event does, so that the function sees what was signed. */
function queryValues(rawQueryString: string): Record<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(values);
}

function sha256Hex(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** SHA-256, or HMAC-SHA-256 with a secret, in the form that `@smithy/signature-v4` takes. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): string | Buffer {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    : Buffer.from(data);
}
