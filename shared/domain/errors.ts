import type { StatusReason } from './terms.ts';

/** One invalid part of an input: its path (`credentials.apiKey`) and what is wrong with it. */
export interface ValidationIssue {
  readonly path: string;
  readonly message: string;
}

/** Every refusal that a caller can meet: a closed list. No member may ever hold a credential. */
export type Problem =
  | { readonly code: PlainCode }
  | { readonly code: 'account_mismatch'; readonly current: string; readonly candidate: string }
  | { readonly code: RetryableCode; readonly retryAfterSeconds: number }
  | { readonly code: 'connection_inactive'; readonly reason: StatusReason }
  | { readonly code: 'credentials_rejected'; readonly reason: StatusReason }
  | { readonly code: 'invalid_request'; readonly errors: readonly ValidationIssue[] }
  | { readonly code: 'scopes_missing'; readonly missing: readonly string[] };

/** Codes without further data. */
export type PlainCode =
  | 'authorization_expired'
  | 'authorization_not_found'
  | 'authorization_required'
  | 'authorization_used'
  | 'connection_not_found'
  | 'deletion_not_found'
  | 'flow_not_found'
  | 'forbidden'
  | 'headers_too_large'
  | 'idempotency_key_reused'
  | 'integration_not_found'
  | 'internal_error'
  | 'invalid_cursor'
  | 'payload_too_large'
  | 'project_not_found'
  | 'project_not_restorable'
  | 'provider_mismatch'
  | 'provider_not_configured'
  | 'provider_not_found'
  | 'route_not_found'
  | 'unauthenticated'
  | 'unsupported_media_type'
  | 'version_conflict';

const RETRYABLE_CODES = [
  'busy',
  'provider_unavailable',
  'reconnect_in_progress',
  'request_in_progress',
  'too_many_requests',
] as const;

/** Codes of refusals that pass by themselves; each carries the seconds until a retry makes sense. */
export type RetryableCode = (typeof RETRYABLE_CODES)[number];

/** Returns true for the code of a refusal that passes by itself. */
export function isRetryable(code: ErrorCode): code is RetryableCode {
  return RETRYABLE_CODES.some((retryable) => retryable === code);
}

export type ErrorCode = Problem['code'];

/** An intended refusal, as opposed to a bug or a failing service. */
export class DomainError extends Error {
  readonly problem: Problem;

  /** `message` is sent to the caller; it never repeats input. */
  constructor(problem: Problem, message: string) {
    super(message);
    this.name = 'DomainError';
    this.problem = problem;
  }

  get code(): ErrorCode {
    return this.problem.code;
  }
}

/** Creates the error of a code without further data. */
export function failure(code: PlainCode, message: string): DomainError {
  return new DomainError({ code }, message);
}

/** Creates the error of a project that does not exist, is deleted, or has no such member: all the same to the caller. */
export function projectNotFound(): DomainError {
  return failure('project_not_found', 'There is no such project, or you are not a member of it.');
}

/** Creates the error of a refusal that passes by itself. */
export function retryLater(code: RetryableCode, message: string, retryAfterSeconds: number): DomainError {
  return new DomainError({ code, retryAfterSeconds }, message);
}

/** Creates the error of an invalid input. */
export function invalid(errors: readonly ValidationIssue[]): DomainError {
  return new DomainError({ code: 'invalid_request', errors }, 'The request is invalid; see errors.');
}

/** Creates the error of a contended or throttled operation. The same request succeeds a little later. */
export function busy(): DomainError {
  return retryLater('busy', 'Many changes at once; try again.', 1);
}
