import type { Provider } from '../../catalog/schema.ts';
import { DomainError, failure, invalid, retryLater, type ValidationIssue } from '../errors.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import type { Credentials } from './credentials.ts';
import type { Verification, Verified, VerifierPort } from './verification.ts';

/** The longest value of one credential field, in UTF-16 units; a PEM private key fits. */
export const FIELD_MAX_LENGTH = 16_384;

/** Credentials as a user enters them. */
export interface NewCredentials {
  readonly credentials: Credentials;
  /** Their end, for a provider that does not report it. A reported end takes precedence. */
  readonly expiresAt?: string | undefined;
}

/**
 * Checks entered credentials against the fields of their provider, and their end against the clock.
 *
 * @throws DomainError `authorization_required` when the provider takes no entered credentials; `invalid_request` with
 * every missing, unknown or malformed field, never with a value.
 */
export function requireAcceptable(
  provider: Provider,
  { credentials, expiresAt }: NewCredentials,
  context: Pick<OperationContext, 'clock'>,
): void {
  requireFields(provider, credentials);
  requireFutureDate(expiresAt, context);
}

/**
 * Checks entered credentials against the fields of their provider.
 *
 * @throws DomainError as `requireAcceptable`.
 */
export function requireFields(provider: Provider, credentials: Credentials): void {
  if (provider.auth.type === 'oauth2') {
    const message = `${provider.name} is connected by authorizing it, not by entering credentials.`;
    throw failure('authorization_required', message);
  }
  const entered = credentials.reveal();
  const known = new Set(provider.auth.fields.map(({ name }) => name));
  const unknown = Object.keys(entered).filter((name) => !known.has(name));
  const issues: ValidationIssue[] = [
    ...unknown.map((name) => ({ path: `credentials.${name}`, message: 'is not a field of this provider' })),
    ...provider.auth.fields.flatMap((field) => fieldIssues(field, entered[field.name])),
  ];
  if (issues.length > 0) throw invalid(issues);
}

function fieldIssues(
  field: Provider['auth']['fields'][number],
  value: string | undefined,
): ValidationIssue[] {
  const path = `credentials.${field.name}`;
  if (value === undefined || value === '') {
    return field.required ? [{ path, message: 'is required' }] : [];
  }
  if (field.pattern && !new RegExp(field.pattern, 'v').test(value)) {
    return [{ path, message: `does not look like a ${field.label}` }];
  }
  return [];
}

function requireFutureDate(expiresAt: string | undefined, { clock }: Pick<OperationContext, 'clock'>): void {
  if (expiresAt === undefined || expiresAt > timestamp(clock.now())) return;
  throw invalid([{ path: 'expiresAt', message: 'must be in the future' }]);
}

/**
 * Verifies entered credentials with their provider.
 *
 * @throws DomainError `credentials_rejected` when the provider refuses them; `provider_unavailable` when it gave no
 * usable response, which says nothing about them.
 */
export async function verifyOrThrow(
  provider: Provider,
  { credentials, expiresAt }: NewCredentials,
  { verifier }: VerifierPort,
): Promise<Verified> {
  const verification = await verifier.verify(provider, credentials);
  if (verification.outcome === 'ok') {
    return { ...verification, expiresAt: verification.expiresAt ?? expiresAt ?? null };
  }
  if (verification.outcome === 'rejected') {
    throw new DomainError(
      { code: 'credentials_rejected', reason: verification.reason },
      `${provider.name} does not accept these credentials.`,
    );
  }
  const message = `${unavailableMessage(provider, verification)} Nothing was changed.`;
  throw retryLater('provider_unavailable', message, verification.retryAfterSeconds);
}

/** A host that does not exist is the provider's outage, unless the credentials name the host. */
function unavailableMessage({ name, baseUrl }: Provider, verification: Verification): string {
  const isEnteredHost = baseUrl.includes('{');
  const isMissing = verification.outcome === 'unavailable' && verification.cause === 'host_not_found';
  return isEnteredHost && isMissing
    ? `${name} has no host by the name that these credentials give: it could not be found.`
    : `${name} could not be reached just now.`;
}
