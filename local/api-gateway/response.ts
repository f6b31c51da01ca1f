import { randomUUID } from 'node:crypto';
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { PROBLEMS } from '../../shared/contract/http/problems.ts';

/** A response to the client; header names are in lower case. */
export interface GatewayResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** Sends a response, with its length. */
export function sendResponse(outgoing: ServerResponse, { status, headers, body }: GatewayResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  const bodiless = status === 204 || status === 304;
  if (!bodiless) outgoing.setHeader('content-length', body.byteLength);
  outgoing.writeHead(status);
  outgoing.end(bodiless ? undefined : body);
}

type ErrorCode = keyof typeof PROBLEMS;

/** API Gateway's own errors: the status and text of its response, and the code that the API's contract has for it. */
const ERRORS = {
  badRequest: [400, 'Bad Request', 'invalid_request', 'The request line cannot be read.'],
  unauthorized: [401, 'Unauthorized', 'unauthenticated', 'A valid bearer token is needed.'],
  forbidden: [403, 'Forbidden', 'forbidden', 'The request is not signed, or its signature is not accepted.'],
  notFound: [404, 'Not Found', 'route_not_found', 'No route has this method and path.'],
  payloadTooLarge: [413, 'Request Entity Too Large', 'payload_too_large', 'The body is larger than 10 MB.'],
  headersTooLarge: [
    431,
    'Request Header Fields Too Large',
    'headers_too_large',
    'The request line and the header values together are larger than 10,240 bytes.',
  ],
  internalError: [500, 'Internal Server Error', 'internal_error', 'The function failed.'],
  timedOut: [503, 'Service Unavailable', 'internal_error', 'The function did not respond in time.'],
} as const satisfies Record<string, readonly [status: number, message: string, ErrorCode, detail: string]>;

/** Ends a request with one of the gateway's own responses. */
export class GatewayError extends Error {
  readonly kind: keyof typeof ERRORS;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: keyof typeof ERRORS,
    headers: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(ERRORS[kind][1], options);
    this.kind = kind;
    this.headers = headers;
  }
}

/**
 * Makes the response to an error: API Gateway's own `message` inside the contract's problem details (RFC 9457), so
 * that clients of either read the same response.
 */
export function errorResponse({ kind, headers }: GatewayError, requestId: string): GatewayResponse {
  const [status, message, code, detail] = ERRORS[kind];
  const title = STATUS_CODES[status] ?? message;
  const problem = { type: 'about:blank', title, status, detail, code, requestId, message };
  return {
    status,
    headers: [['content-type', 'application/problem+json'], ...Object.entries(headers)],
    body: Buffer.from(JSON.stringify(problem)),
  };
}

/** Responds to bytes that the HTTP parser rejects: far too many headers, or no HTTP at all. */
export function respondToParserError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const kind = error.code === 'HPE_HEADER_OVERFLOW' ? 'headersTooLarge' : 'badRequest';
  const { status, headers, body } = errorResponse(new GatewayError(kind), randomUUID());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.byteLength}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body.toString('utf8')}`);
}
