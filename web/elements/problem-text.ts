import { ProblemError } from '../client/index.ts';
import type { Messages } from './messages/en.ts';

/** Returns why a request failed, in the reader's language where the code has a text there. */
export function problemText(error: unknown, text: Messages, provider = ''): string {
  if (!(error instanceof ProblemError))
    return error instanceof TypeError ? text.problems.network : text.problems.unexpected;
  const { code, status, problem } = error;
  switch (code) {
    case 'credentials_rejected': {
      const reason = problem?.statusReason;
      const rejected = text.problems.credentials_rejected(provider);
      return reason && reason.code !== 'access_revoked'
        ? `${rejected} ${text.entryReasons[reason.code]}`
        : rejected;
    }
    case 'provider_unavailable':
      return text.problems.provider_unavailable(provider);
    case 'forbidden':
    case 'connection_not_found':
    case 'flow_not_found':
    case 'reconnect_in_progress':
    case 'version_conflict':
    case 'busy':
      return text.problems[code];
    default:
      return authorizationText(code, text, provider) ?? statusText(status, text) ?? error.message;
  }
}

/** The codes of OAuth2, which `openapi.json` may not have yet. */
function authorizationText(code: string | undefined, text: Messages, provider: string): string | undefined {
  switch (code) {
    case 'authorization_expired':
    case 'authorization_used':
    case 'authorization_not_found':
      return text.problems[code];
    case 'provider_not_configured':
    case 'scopes_missing':
      return text.problems[code](provider);
    default:
      return undefined;
  }
}

function statusText(status: number, text: Messages): string | undefined {
  if (status === 401) return text.signInText;
  if (status === 429) return text.problems.throttled;
  return status >= 500 ? text.problems.unexpected : undefined;
}

/** Returns the scopes that were not granted, of the problem `scopes_missing`. */
export function missingScopes(error: unknown): readonly string[] {
  const problem = error instanceof ProblemError ? error.problem : undefined;
  if (!problem || !('missing' in problem) || !Array.isArray(problem.missing)) return [];
  return problem.missing.filter((scope) => typeof scope === 'string');
}

/** Returns the message of each field that the API refused, by the field's name. */
export function fieldErrors(error: unknown, prefix: string): Readonly<Record<string, string>> {
  const errors = error instanceof ProblemError ? (error.problem?.errors ?? []) : [];
  return Object.fromEntries(
    errors
      .filter(({ path }) => path.startsWith(prefix))
      .map(({ path, message }) => [path.slice(prefix.length), message]),
  );
}

/** True if the problem has one of the codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof ProblemError && error.code !== undefined && codes.includes(error.code);
}
