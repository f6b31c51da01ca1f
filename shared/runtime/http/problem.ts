import { PROBLEMS } from '../../contract/http/problems.ts';
import { reasonView } from '../../contract/http/views.ts';
import { DomainError, failure } from '../../domain/errors.ts';
import type { HttpResponse } from './response.ts';

/**
 * An error as RFC 9457 problem details. What the domain did not mean to say stays inside: it is answered as
 * `internal_error`, by the request's id alone.
 */
export function toProblem(error: unknown, requestId: string): HttpResponse {
  const meant = error instanceof DomainError ? error : INTERNAL;
  const { status, title } = PROBLEMS[meant.code];
  const body = { type: 'about:blank', title, status, detail: meant.message, code: meant.code, requestId };
  const retryAfter = 'retryAfterSeconds' in meant.problem ? meant.problem.retryAfterSeconds : undefined;
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: JSON.stringify({ ...body, ...membersOf(meant) }),
  };
}

const INTERNAL = failure(
  'internal_error',
  'Something went wrong on our side. Nothing is known to have changed.',
);

/** The extension members of a problem (RFC 9457, section 3.2). */
function membersOf({ problem }: DomainError): Record<string, unknown> {
  switch (problem.code) {
    case 'invalid_request':
      return { errors: problem.errors };
    case 'account_mismatch':
      return { accounts: { current: problem.current, candidate: problem.candidate } };
    case 'credentials_rejected':
    case 'connection_inactive':
      return { statusReason: reasonView(problem.reason) };
    default:
      return {};
  }
}
