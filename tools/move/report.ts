import { closeSync, openSync, writeSync } from 'node:fs';
import type { Provider } from '../../shared/catalog/schema.ts';
import { DomainError, isRetryable, type ValidationIssue } from '../../shared/domain/errors.ts';
import type { ImportResult } from '../../shared/domain/moving/import-connection.ts';

/** Results of lines. A `refused` line must be changed; a `failed` one may be repeated as it is. */
export type Outcome = ImportResult['outcome'] | 'refused' | 'failed';

/** A line of a report. It never holds a value of a credential. */
export interface ReportLine {
  readonly line: number;
  /** The platform's id of the connection, if it could be read. */
  readonly id?: string | undefined;
  readonly outcome: Outcome;
  readonly connectionId?: string;
  /** `inactive` for a connection that does not work. */
  readonly status?: ImportResult['status'];
  readonly code?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly errors?: readonly ValidationIssue[];
}

/** Refusals of a project that is being deleted. Once it is restored, the same line can be imported. */
const DELETED = ['project_not_found', 'connection_not_found'];

/** Opens a report, for its owner alone. Each line is in the file once `write` returns. */
export function openReport(file: string) {
  const descriptor = openSync(file, 'w', 0o600);
  return {
    write: (line: ReportLine) => writeSync(descriptor, `${JSON.stringify(line)}\n`),
    close: () => closeSync(descriptor),
  };
}

/** Describes why a line was not imported. */
export function refusalOf(
  error: unknown,
  provider: Provider | undefined,
): Pick<ReportLine, 'outcome' | 'code' | 'message' | 'reason' | 'errors'> {
  if (!(error instanceof DomainError))
    return { outcome: 'failed', code: 'internal_error', ...messageOf(error) };
  const { problem, code, message } = error;
  return {
    outcome: isRetryable(code) || DELETED.includes(code) ? 'failed' : 'refused',
    code,
    ...(problem.code === 'invalid_request'
      ? { errors: problem.errors.map((issue) => withKnownName(issue, provider)) }
      : { message }),
    ...(problem.code === 'credentials_rejected' && { reason: problem.reason }),
  };
}

/** Errors of a service may repeat what they were sent; the project's own do not. */
function messageOf(error: unknown): Pick<ReportLine, 'message'> {
  if (!(error instanceof Error)) return {};
  return { message: error.constructor === Error ? error.message : error.name };
}

const TOKEN_NAMES = ['accessToken', 'refreshToken', 'tokenType'];

/** The name of a field that its provider does not have may be a credential in the wrong place. */
function withKnownName(issue: ValidationIssue, provider: Provider | undefined): ValidationIssue {
  const [parent, ...rest] = issue.path.split('.');
  if (parent !== 'credentials' || rest.length === 0) return issue;
  const fields = provider?.auth.fields.map(({ name }) => name) ?? [];
  const known = [...fields, ...Object.keys(provider?.oauth2?.keep ?? {}), ...TOKEN_NAMES];
  if (known.includes(rest.join('.'))) return issue;
  const message = `has a field that the provider does not have; its fields are ${known.join(', ')}`;
  return { path: parent, message };
}
