import { createHash, createHmac } from 'node:crypto';

export interface ToSign {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  /** Signed beside `host` and `x-amz-date`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly at?: Date;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly service?: string;
}

/**
 * Signature Version 4 written from its documentation alone, to hold the stand-in to something that is not the
 * library it uses. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signIndependently(request: ToSign): Record<string, string> {
  const url = new URL(request.url);
  const amzDate = (request.at ?? new Date()).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = { ...request.headers, host: url.host, 'x-amz-date': amzDate };
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    request.method,
    url.pathname.split('/').map(encode).join('/'),
    canonicalQuery(url),
    ...names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}`),
    '',
    names.join(';'),
    sha256(request.body ?? ''),
  ].join('\n');
  const date = amzDate.slice(0, 8);
  const scope = [date, request.region, request.service ?? 'execute-api', 'aws4_request'];
  const stringToSign = ['AWS4-HMAC-SHA256', amzDate, scope.join('/'), sha256(canonicalRequest)].join('\n');
  const secret = Buffer.from(`AWS4${request.secretAccessKey}`);
  const signature = hmac(scope.reduce<Buffer>(hmac, secret), stringToSign).toString('hex');
  const credential = `Credential=${request.accessKeyId}/${scope.join('/')}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...headers, authorization };
}

function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
