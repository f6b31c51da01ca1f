import { STATUS_CODES } from 'node:http';
import type { Answer } from './answer.ts';

/**
 * What the gateway itself refuses. `message` is the text API Gateway answers; `code` is what the API's
 * contract promises for it.
 */
const REFUSALS = {
  badRequest: { status: 400, code: 'invalid_request', message: 'Bad Request' },
  unauthorized: { status: 401, code: 'unauthenticated', message: 'Unauthorized' },
  forbidden: { status: 403, code: 'forbidden', message: 'Forbidden' },
  notFound: { status: 404, code: 'route_not_found', message: 'Not Found' },
  payloadTooLarge: { status: 413, code: 'payload_too_large', message: 'Request Entity Too Large' },
  headersTooLarge: { status: 431, code: 'headers_too_large', message: 'Request Header Fields Too Large' },
  internalError: { status: 500, code: 'internal_error', message: 'Internal Server Error' },
  timedOut: { status: 503, code: 'internal_error', message: 'Service Unavailable' },
} as const;

const DETAILS: Readonly<Record<keyof typeof REFUSALS, string>> = {
  badRequest: 'The request line cannot be read.',
  unauthorized: 'A valid bearer token is needed.',
  forbidden: 'The request is not signed, or its signature is not accepted.',
  notFound: 'No route has this method and path.',
  payloadTooLarge: 'The body is larger than the 10 MB that a request may have.',
  headersTooLarge: 'The request line and the header values together are larger than 10,240 bytes.',
  internalError: 'The function failed, or answered what cannot be sent on.',
  timedOut: 'The function did not answer within 30 seconds.',
};

export type RefusalKind = keyof typeof REFUSALS;

/** Ends a request with one of the gateway's own answers. */
export class Refused extends Error {
  readonly kind: RefusalKind;
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: RefusalKind, headers: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(REFUSALS[kind].message, options);
    this.kind = kind;
    this.headers = headers;
  }
}

/**
 * The answer to a refused request: API Gateway's own `message` inside the contract's problem details
 * (RFC 9457), so that clients of either read the same answer.
 */
export function refusalAnswer(refused: Refused, requestId: string): Answer {
  const { status, code, message } = REFUSALS[refused.kind];
  const detail = DETAILS[refused.kind];
  const title = STATUS_CODES[status] ?? message;
  const problem = { type: 'about:blank', title, status, detail, code, requestId, message };
  return {
    status,
    headers: [['content-type', 'application/problem+json'], ...Object.entries(refused.headers)],
    body: Buffer.from(JSON.stringify(problem)),
  };
}
