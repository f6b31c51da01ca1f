import { createHash, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from './node-sha256.ts';

/** A request as it arrived: encoded path, raw query, header names in lower case, repeated values joined by commas. */
export interface SignedRequest {
  readonly method: string;
  readonly encodedPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface ExpectedSigner {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** `execute-api` unless said otherwise. */
  readonly service?: string;
}

export type SignatureVerdict =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string };

interface Claimed {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html: within five minutes of the time stamp. */
const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/, ]+)\/((\d{8})\/[^/, ]+\/[^/, ]+\/aws4_request), *SignedHeaders=([^, ]+), *Signature=([0-9a-f]{64})$/;
const AMZ_DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/**
 * Checks a Signature Version 4 in the `authorization` header by signing the received request again. Long-term
 * keys only: a request with a session token is refused.
 *
 * @param now the gateway's clock; the request's `x-amz-date` may be 5 minutes off either way.
 */
export async function verifySignature(
  request: SignedRequest,
  signer: ExpectedSigner,
  now: Date,
): Promise<SignatureVerdict> {
  const claimed = readAuthorization(request.headers.authorization);
  if (!claimed) return refused('the authorization header holds no signature');
  const signedAt = parseAmzDate(request.headers['x-amz-date']);
  if (!signedAt) return refused('x-amz-date is missing or malformed');
  if (Math.abs(now.getTime() - signedAt.getTime()) > MAX_CLOCK_SKEW_MS) {
    return refused('the signature is out of time');
  }
  const reason = mismatch(request, signer, claimed);
  if (reason !== undefined) return refused(reason);
  const expected = readAuthorization(await signAgain(request, signer, claimed, signedAt));
  const same =
    expected !== undefined &&
    timingSafeEqual(Buffer.from(expected.signature, 'hex'), Buffer.from(claimed.signature, 'hex'));
  return same ? { accepted: true } : refused('the signature does not match the request');
}

function refused(reason: string): SignatureVerdict {
  return { accepted: false, reason };
}

function readAuthorization(header: string | undefined): Claimed | undefined {
  const [, accessKeyId, scope, date, signedHeaders, signature] = AUTHORIZATION.exec(header ?? '') ?? [];
  if (!accessKeyId || !scope || !date || !signedHeaders || !signature) return undefined;
  return { accessKeyId, scope, date, signedHeaders: signedHeaders.split(';'), signature };
}

/** What is wrong before any signature is computed. */
function mismatch(request: SignedRequest, signer: ExpectedSigner, claimed: Claimed): string | undefined {
  const { headers } = request;
  const scope = `${claimed.date}/${signer.region}/${signer.service ?? 'execute-api'}/aws4_request`;
  const bodyHash = headers['x-amz-content-sha256'];
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  if (claimed.accessKeyId !== signer.accessKeyId) return 'the access key is not known';
  if (headers['x-amz-security-token'] !== undefined) return 'session tokens are not accepted';
  if (claimed.scope !== scope) return 'the credential scope is for another region or service';
  if (!headers['x-amz-date']?.startsWith(claimed.date)) return 'the credential scope is of another day';
  if (mustBeSigned.some((name) => !claimed.signedHeaders.includes(name))) return 'a header is not signed';
  if (bodyHash !== undefined && bodyHash !== sha256Hex(request.body)) return 'the body has another hash';
  return undefined;
}

function parseAmzDate(text: string | undefined): Date | undefined {
  if (text === undefined || !AMZ_DATE.test(text)) return undefined;
  const at = new Date(text.replace(AMZ_DATE, '$1-$2-$3T$4:$5:$6Z'));
  return Number.isNaN(at.getTime()) ? undefined : at;
}

async function signAgain(
  request: SignedRequest,
  signer: ExpectedSigner,
  claimed: Claimed,
  signingDate: Date,
): Promise<string | undefined> {
  const signedNames = new Set(claimed.signedHeaders);
  const signature = new SignatureV4({
    credentials: { accessKeyId: signer.accessKeyId, secretAccessKey: signer.secretAccessKey },
    region: signer.region,
    service: signer.service ?? 'execute-api',
    sha256: NodeSha256,
    applyChecksum: false,
  });
  const signedHeaders = Object.entries(request.headers).filter(([name]) => signedNames.has(name));
  const again = await signature.sign(
    {
      method: request.method,
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: request.encodedPath,
      query: queryValues(request.rawQueryString),
      headers: Object.fromEntries(signedHeaders),
      body: request.body,
    },
    { signingDate, signableHeaders: signedNames },
  );
  return again.headers.authorization;
}

/** Decoded as the event decodes it, so that what was signed is what the function sees. */
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
