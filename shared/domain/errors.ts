import type { StatusReasonCode } from './connections/connection.ts';

/** One fault of an input: where it stands (`credentials.apiKey`) and what is wrong with it. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** Everything that can go wrong for a caller, a closed list; nothing in it may ever hold a credential. */
export type Problem =
  | { readonly code: PlainCode }
  | { readonly code: 'account_mismatch'; readonly current: string; readonly candidate: string }
  | { readonly code: 'busy'; readonly retryAfterSeconds: number }
  | { readonly code: 'connection_inactive'; readonly reason: StatusReasonCode }
  | { readonly code: 'credentials_rejected'; readonly reason: StatusReasonCode }
  | { readonly code: 'invalid_request'; readonly errors: readonly Fault[] }
  | { readonly code: 'provider_unavailable'; readonly retryAfterSeconds: number };

/** The codes that say all by themselves. */
export type PlainCode =
  | 'authorization_required'
  | 'connection_not_found'
  | 'flow_not_found'
  | 'forbidden'
  | 'headers_too_large'
  | 'idempotency_key_reused'
  | 'integration_not_found'
  | 'internal_error'
  | 'invalid_cursor'
  | 'payload_too_large'
  | 'project_not_found'
  | 'provider_mismatch'
  | 'provider_not_found'
  | 'reconnect_in_progress'
  | 'request_in_progress'
  | 'route_not_found'
  | 'unauthenticated'
  | 'unsupported_media_type'
  | 'version_conflict';

export type ErrorCode = Problem['code'];

/** A refusal that the domain means to make, as against a fault of the code or of what it runs on. */
export class DomainError extends Error {
  readonly problem: Problem;

  /** `message` is read by the caller; it never repeats what was sent. */
  constructor(problem: Problem, message: string) {
    super(message);
    this.name = 'DomainError';
    this.problem = problem;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }
}

/** The error of a code that says all by itself. */
export function failure(code: PlainCode, message: string): DomainError {
  return new DomainError({ code }, message);
}

/** The error of an input with these faults. */
export function invalid(errors: readonly Fault[]): DomainError {
  return new DomainError({ code: 'invalid_request', errors }, 'The request has faults; see errors.');
}

/** Too much at once: the same will go well a little later. */
export function busy(): DomainError {
  return new DomainError({ code: 'busy', retryAfterSeconds: 1 }, 'Many changes at once; try again.');
}
