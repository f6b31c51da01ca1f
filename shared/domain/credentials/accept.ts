import type { Provider } from '../../catalog/schema.ts';
import { DomainError, type Fault, failure, invalid } from '../errors.ts';
import type { OperationContext } from '../operation-context.ts';
import { timestamp } from '../time.ts';
import type { Credentials } from './credentials.ts';
import type { Verification, Verifier } from './verification.ts';

/** The longest value of one credential field, in UTF-16 units; a private key in PEM fits well. */
export const FIELD_MAX_LENGTH = 16_384;

/** A verification that went well. */
export type Verified = Extract<Verification, { outcome: 'ok' }>;

/**
 * Holds credentials, as they were typed, against the fields of their provider.
 *
 * @throws DomainError `authorization_required` where the provider takes no typed credentials;
 * `invalid_request` with every missing, unknown or malformed field, and never a value.
 */
export function requireFields(provider: Provider, credentials: Credentials): Credentials {
  if (provider.auth.type === 'oauth2') {
    throw failure('authorization_required', `${provider.name} is connected by authorising, not by typing.`);
  }
  const given = credentials.reveal();
  const known = new Set(provider.auth.fields.map(({ name }) => name));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  const faults: Fault[] = [
    ...unknown.map((name) => ({ path: `credentials.${name}`, message: 'is not a field of this provider' })),
    ...provider.auth.fields.flatMap((field) => fieldIssues(field, given[field.name])),
  ];
  if (faults.length > 0) throw invalid(faults);
  return credentials;
}

function fieldIssues(field: Provider['auth']['fields'][number], value: string | undefined): Fault[] {
  const path = `credentials.${field.name}`;
  if (value === undefined || value === '') {
    return field.required ? [{ path, message: 'is required' }] : [];
  }
  if (field.pattern && !new RegExp(field.pattern, 'v').test(value)) {
    return [{ path, message: `does not look like a ${field.label}` }];
  }
  return [];
}

/** New credentials as somebody gives them: the fields, and when they end, where that is known. */
export interface NewCredentials {
  readonly credentials: Credentials;
  /** For a provider that does not tell; the provider's own word comes first. */
  readonly expiresAt?: string | undefined;
}

/** @throws DomainError `invalid_request` for an end that has come already. */
export function requireFutureDate(
  expiresAt: string | undefined,
  { clock }: Pick<OperationContext, 'clock'>,
): void {
  if (expiresAt === undefined || expiresAt > timestamp(clock.now())) return;
  throw invalid([{ path: 'expiresAt', message: 'must be a time to come' }]);
}

/**
 * Asks the provider whether these credentials work.
 *
 * @throws DomainError `credentials_rejected` when it refuses them; `provider_unavailable` when it could not
 * be asked, which says nothing about them.
 */
export async function verifyOrThrow(
  provider: Provider,
  { credentials, expiresAt }: NewCredentials,
  { verify }: Verifier,
): Promise<Verified> {
  const verification = await verify(provider, credentials);
  if (verification.outcome === 'ok') {
    return { ...verification, expiresAt: verification.expiresAt ?? expiresAt ?? null };
  }
  if (verification.outcome === 'rejected') {
    throw new DomainError(
      { code: 'credentials_rejected', reason: verification.reason },
      `${provider.name} does not accept these credentials.`,
    );
  }
  throw new DomainError(
    { code: 'provider_unavailable', retryAfterSeconds: verification.retryAfterSeconds },
    `${unaskedBecause(provider, verification)} Nothing was changed.`,
  );
}

/** A host that cannot be found is the provider's trouble, unless the credentials say which it is. */
function unaskedBecause({ name, baseUrl }: Provider, verification: Verification): string {
  const isTyped = baseUrl.includes('{');
  const isMissing = verification.outcome === 'unavailable' && verification.cause === 'host_not_found';
  return isTyped && isMissing
    ? `There is no host at ${name} by the name that these credentials give: it could not be found.`
    : `${name} could not be asked just now.`;
}
