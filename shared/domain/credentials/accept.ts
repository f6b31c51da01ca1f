import type { Provider } from '../../catalog/schema.ts';
import { DomainError, failure, invalid, retryLater, type ValidationIssue } from '../errors.ts';
import type { SealedAccessToken } from '../model/connection.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import { Credentials } from './credentials.ts';
import type { OAuthPorts, TokenOwner, TokenResult, TokenSet } from './oauth.ts';
import {
  grantEnd,
  isAuthorized,
  requireParty,
  requireScopes,
  sealAccessToken,
  toAccessValues,
  toStoredCredentials,
} from './tokens.ts';
import type { Verification, Verified, VerifierPort } from './verification.ts';

/** The longest value of one credential field, in UTF-16 units; a PEM private key fits. */
export const FIELD_MAX_LENGTH = 16_384;

/** Wait after the provider refused the platform's client: until an operator acts. */
export const MISCONFIGURED_WAIT_SECONDS = 60;

/** Credentials as a user enters them. */
export interface NewCredentials {
  readonly credentials: Credentials;
  /** Their end, for a provider that does not report it. A reported end takes precedence. */
  readonly expiresAt?: string | undefined;
}

/** Credentials that their provider accepted, ready to be stored. */
export interface VerifiedCredentials {
  readonly verified: Verified;
  readonly credentials: Credentials;
  /** The first access token of a grant; null for credentials that requests are made with themselves. */
  readonly accessToken: SealedAccessToken | null;
}

/** Source of new credentials: a form, or an authorization at the provider. */
export interface CredentialSource {
  /**
   * Checks what can be checked without the provider.
   *
   * @throws DomainError `authorization_required`, `invalid_request`.
   */
  precheck(provider: Provider): void;
  /**
   * Obtains the credentials and verifies them.
   *
   * @param owner the version that they will be stored as.
   * @throws DomainError `credentials_rejected`, `provider_unavailable`, `scopes_missing`.
   */
  verify(provider: Provider, owner: TokenOwner): Promise<VerifiedCredentials>;
  /** Gives up credentials that were obtained but will not be stored. */
  discard(): Promise<void>;
}

/** Ports that verify new credentials of every kind. */
export type VerifyPorts = VerifierPort & OAuthPorts & Pick<OperationContext, 'clock'>;

/** Returns the source of credentials that a user entered: a key, or what obtains access tokens without a browser. */
export function enteredCredentials(candidate: NewCredentials, ports: VerifyPorts): CredentialSource {
  return {
    precheck: (provider) => requireAcceptable(provider, candidate, ports),
    async verify(provider, owner) {
      if (provider.oauth2) {
        const party = await requireParty(provider, candidate.credentials.reveal(), ports);
        const tokens = issuedTokens(provider, await ports.oauthProvider.renew(party));
        return verifyTokens(provider, tokens, { fields: party.fields, owner }, ports);
      }
      const verified = await verifyOrThrow(provider, candidate, ports);
      return { verified, credentials: candidate.credentials, accessToken: null };
    },
    discard: () => Promise.resolve(),
  };
}

/**
 * Returns the tokens of a successful call to a token endpoint.
 *
 * @throws DomainError `credentials_rejected`, `provider_unavailable`.
 */
export function issuedTokens({ name }: Provider, result: TokenResult): TokenSet {
  switch (result.outcome) {
    case 'ok':
      return result.tokens;
    case 'rejected':
      throw new DomainError(
        { code: 'credentials_rejected', reason: 'access_revoked' },
        `${name} does not accept these credentials.`,
      );
    case 'misconfigured':
      throw unavailable(`${name} refuses the platform's OAuth client.`, MISCONFIGURED_WAIT_SECONDS);
    default:
      throw unavailable(`${name} could not be reached just now.`, result.retryAfterSeconds);
  }
}

/**
 * Verifies newly issued tokens: their scopes, and with the probe.
 *
 * @param fields what the user entered, which later requests need again.
 * @throws DomainError `scopes_missing`, `credentials_rejected`, `provider_unavailable`.
 */
export async function verifyTokens(
  provider: Provider,
  tokens: TokenSet,
  { fields, owner }: { readonly fields: Readonly<Record<string, string>>; readonly owner: TokenOwner },
  ports: VerifyPorts,
): Promise<VerifiedCredentials> {
  requireScopes(provider, tokens);
  const credentials = new Credentials({ ...fields, ...toAccessValues(provider, tokens, fields) });
  const verified = await verifyOrThrow(provider, { credentials }, ports);
  const expiresAt = grantEnd(provider, tokens, ports.clock.now()) ?? verified.expiresAt;
  return {
    verified: { ...verified, expiresAt },
    credentials: toStoredCredentials(provider, tokens, fields),
    accessToken: await sealAccessToken({ provider, tokens, fields }, owner, ports),
  };
}

/**
 * Checks entered credentials against the fields of their provider, and their end against the clock.
 *
 * @throws DomainError `authorization_required` when the provider takes no entered credentials; `invalid_request` with
 * every missing, unknown or malformed field, never with a value.
 */
function requireAcceptable(
  provider: Provider,
  { credentials, expiresAt }: NewCredentials,
  context: Pick<OperationContext, 'clock'>,
): void {
  if (isAuthorized(provider)) {
    const message = `${provider.name} is connected by authorizing it, not by entering credentials.`;
    throw failure('authorization_required', message);
  }
  requireFields(provider, credentials.reveal(), 'credentials');
  requireFutureDate(expiresAt, context);
}

/**
 * Checks entered values against the fields of their provider.
 *
 * @param parent path of the values in the request.
 * @throws DomainError `invalid_request` with every issue, never with a value.
 */
export function requireFields(
  { auth: { fields } }: Provider,
  entered: Readonly<Record<string, string>>,
  parent: 'credentials' | 'fields',
): void {
  const known = new Set(fields.map(({ name }) => name));
  const unknown = Object.keys(entered).filter((name) => !known.has(name));
  const issues: ValidationIssue[] = [
    ...unknown.map((name) => ({ path: `${parent}.${name}`, message: 'is not a field of this provider' })),
    ...fields.flatMap((field) => fieldIssues(field, `${parent}.${field.name}`, entered[field.name])),
  ];
  if (issues.length > 0) throw invalid(issues);
}

function fieldIssues(
  field: Provider['auth']['fields'][number],
  path: string,
  value: string | undefined,
): ValidationIssue[] {
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
  throw unavailable(unavailableMessage(provider, verification), verification.retryAfterSeconds);
}

function unavailable(message: string, retryAfterSeconds: number): DomainError {
  return retryLater('provider_unavailable', `${message} Nothing was changed.`, retryAfterSeconds);
}

/** A host that does not exist is the provider's outage, unless the credentials name the host. */
function unavailableMessage({ name, baseUrl }: Provider, verification: Verification): string {
  const isEnteredHost = baseUrl.includes('{');
  const cause = verification.outcome === 'unavailable' && isEnteredHost ? verification.cause : undefined;
  if (cause === 'host_not_found') {
    return `${name} has no host by the name that these credentials give: it could not be found.`;
  }
  if (cause === 'blocked_address') {
    return `${name} cannot be called at the address that these credentials give: it is not one of the public internet.`;
  }
  return `${name} could not be reached just now.`;
}
