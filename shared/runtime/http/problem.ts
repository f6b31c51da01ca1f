import { PROBLEMS } from '../../contract/http/problems.ts';
import { toReasonView } from '../../contract/http/views.ts';
import { DomainError, failure } from '../../domain/errors.ts';
import type { HttpResponse } from './response.ts';

/**
 * Returns an error as RFC 9457 problem details. An error that is not a DomainError becomes `internal_error`; its message
 * stays in the log, where the request's id finds it.
 */
export function toProblem(error: unknown, requestId: string): HttpResponse {
  const domainError = error instanceof DomainError ? error : INTERNAL_ERROR;
  const { code, message: detail, problem } = domainError;
  const { status, title } = PROBLEMS[code];
  return {
    statusCode: status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...('retryAfterSeconds' in problem && { 'retry-after': String(problem.retryAfterSeconds) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    },
    body: JSON.stringify({
      type: 'about:blank',
      title,
      status,
      detail,
      code,
      requestId,
      ...extensionMembers(domainError),
    }),
  };
}

const INTERNAL_ERROR = failure(
  'internal_error',
  'Something went wrong on our side. Read the state before you try again.',
);

/** Returns the extension members of a problem (RFC 9457, section 3.2). */
function extensionMembers({ problem }: DomainError): Record<string, unknown> {
  switch (problem.code) {
    case 'invalid_request':
      return { errors: problem.errors };
    case 'scopes_missing':
      return { missing: problem.missing };
    case 'account_mismatch':
      return { accounts: { current: problem.current, candidate: problem.candidate } };
    case 'credentials_rejected':
    case 'connection_inactive':
      return { statusReason: toReasonView(problem.reason) };
    default:
      return {};
  }
}
