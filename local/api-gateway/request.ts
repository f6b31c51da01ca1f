import type { IncomingMessage } from 'node:http';
import { GatewayError } from './response.ts';

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const MAX_REQUEST_LINE_AND_HEADER_VALUES = 10_240;
const MAX_BODY = 10 * 1024 * 1024;

/** A request in memory, in the form that the authorizers and the event are made from. */
export interface ReceivedRequest {
  readonly method: string;
  /** The path as it was sent, percent-encoded. */
  readonly encodedPath: string;
  readonly rawQueryString: string;
  /** Names in lower case; values of a repeated header joined by commas. Without cookies. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly serverPort: number;
}

/**
 * Receives a request, within the sizes that API Gateway allows.
 *
 * @throws GatewayError for a malformed path, over 10,240 bytes of request line and header values, or a body over 10 MB.
 */
export async function receiveRequest(message: IncomingMessage): Promise<ReceivedRequest> {
  const method = message.method ?? '';
  const target = message.url ?? '';
  limitHeaders(message, `${method} ${target} HTTP/${message.httpVersion}`);
  const body = await readBody(message);
  const [encodedPath = '', ...query] = target.split('?');
  if (!encodedPath.startsWith('/') || !isDecodable(encodedPath)) throw new GatewayError('badRequest');
  const { cookie = [], ...headers } = message.headersDistinct;
  return {
    method,
    encodedPath,
    rawQueryString: query.join('?'),
    headers: joinRepeated(headers),
    cookies: cookie.flatMap((line) => line.split(';').map((pair) => pair.trim())).filter(Boolean),
    body,
    sourceIp: message.socket.remoteAddress ?? '127.0.0.1',
    serverPort: message.socket.localPort ?? 0,
  };
}

function limitHeaders(message: IncomingMessage, requestLine: string): void {
  const values = message.rawHeaders.filter((_, index) => index % 2 === 1);
  const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value, 'latin1'), requestLine.length);
  if (bytes <= MAX_REQUEST_LINE_AND_HEADER_VALUES) return;
  message.resume();
  throw new GatewayError('headersTooLarge');
}

/** Reads to the end even where the body is too long, so that the client has sent all of it and reads the response. */
async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('A request body is read as bytes.');
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY) throw new GatewayError('payloadTooLarge');
  return Buffer.concat(chunks);
}

function isDecodable(encodedPath: string): boolean {
  try {
    decodeURIComponent(encodedPath);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

function joinRepeated(headers: NodeJS.Dict<string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, values]) => (values ? [[name, values.join(',')]] : [])),
  );
}
