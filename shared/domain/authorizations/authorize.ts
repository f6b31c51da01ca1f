import { createHash } from 'node:crypto';
import type { Provider } from '../../catalog/schema.ts';
import { fill } from '../../catalog/templates.ts';
import { requireFields } from '../credentials/accept.ts';
import type { OAuthClientReader } from '../credentials/oauth.ts';
import type { Sealer } from '../credentials/sealer.ts';
import { isAuthorized, type OAuth2, requireCodeGrant, requireParty } from '../credentials/tokens.ts';
import { failure, invalid } from '../errors.ts';
import { addSeconds, type OperationContext, timestamp } from '../operation-context.ts';
import { type AuthorizationPort, type AuthorizationTarget, digestOf, sealContext } from './authorization.ts';

/** Creates secrets that cannot be guessed. A port, so that tests predict them. */
export interface SecretGenerator {
  /** Returns 256 random bits in base64url. */
  next(): string;
}

/** Addresses of the platform. */
export interface PlatformAddresses {
  /** Origins that `returnTo` may have. */
  readonly returnOrigins: readonly string[];
  /** Returns the address at which a browser reaches a provider's page: the sandbox's in local mode. */
  toProvider(url: URL): string;
}

export interface StartAuthorization {
  readonly projectId: string;
  readonly userId: string;
  /** The API's own address, below which each OAuth client has a redirect URI of its own (RFC 9700, section 4.4). */
  readonly apiUrl: string;
  readonly provider: Provider;
  readonly target: AuthorizationTarget;
  readonly returnTo: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface StartedAuthorization {
  readonly authorizationId: string;
  readonly authorizationUrl: string;
  readonly expiresAt: string;
}

export type AuthorizePorts = AuthorizationPort &
  Pick<OperationContext, 'clock' | 'ids'> & {
    readonly oauthClients: OAuthClientReader;
    readonly sealer: Sealer;
    readonly secrets: SecretGenerator;
    readonly addresses: PlatformAddresses;
  };

/** Time to authorize at the provider and complete. */
const LIFETIME_SECONDS = 15 * 60;

/**
 * Starts the authorization code flow (RFC 6749, section 4.1) with PKCE S256 (RFC 7636) and a one-time `state`.
 *
 * @throws DomainError `invalid_request` for fields, or an origin of `returnTo` that is not allowed;
 * or for a provider that is connected by entering credentials; `provider_not_configured`.
 */
export async function startAuthorization(
  { projectId, userId, apiUrl, provider, target, returnTo, fields }: StartAuthorization,
  ports: AuthorizePorts,
): Promise<StartedAuthorization> {
  if (!isAuthorized(provider)) {
    const message = 'is connected by entering credentials, not by authorizing it';
    throw invalid([{ path: 'provider', message }]);
  }
  const { client: clientName, pkce } = requireCodeGrant(provider);
  requireReturnTo(returnTo, ports.addresses);
  requireFields(provider, fields, 'fields');
  const { client } = await requireParty(provider, fields, ports);
  const id = ports.ids.next();
  const stateSecret = ports.secrets.next();
  const codeVerifier = pkce ? ports.secrets.next() : null;
  const redirectUri = `${apiUrl}/v1/oauth/callback/${clientName}`;
  const expiresAt = timestamp(addSeconds(ports.clock.now(), LIFETIME_SECONDS));
  await ports.authorizations.create({
    id,
    projectId,
    userId,
    providerId: provider.id,
    client: clientName,
    redirectUri,
    returnTo,
    target,
    fields,
    stateDigest: digestOf(stateSecret),
    codeVerifier:
      codeVerifier && (await ports.sealer.seal(codeVerifier, sealContext({ id }, 'code-verifier'))),
    status: 'started',
    expiresAt,
  });
  const authorizationUrl = requestUrl(provider, fields, {
    clientId: client.clientId,
    redirectUri,
    state: `${id}.${stateSecret}`,
    codeVerifier,
  });
  return { authorizationId: id, authorizationUrl: ports.addresses.toProvider(authorizationUrl), expiresAt };
}

/** @throws DomainError `invalid_request` unless `returnTo` is an address on an allowed origin. */
function requireReturnTo(returnTo: string, { returnOrigins }: PlatformAddresses): void {
  const url = URL.canParse(returnTo) ? new URL(returnTo) : null;
  const isPlain = url !== null && url.username === '' && url.password === '';
  // `origin` alone will not do: that of a `blob:` address is the origin inside it.
  if (isPlain && returnOrigins.includes(`${url.protocol}//${url.host}`)) return;
  throw invalid([{ path: 'returnTo', message: 'must be an address on an allowed origin' }]);
}

function requestUrl(
  provider: Provider,
  fields: Readonly<Record<string, string>>,
  request: { clientId: string; redirectUri: string; state: string; codeVerifier: string | null },
): URL {
  const { authorizeUrl, authorizeParameters = {}, scopes, token } = requireCodeGrant(provider);
  const address = fill(authorizeUrl, (name) => fields[name]);
  if (address === undefined) throw failure('internal_error', 'The address of the provider is incomplete.');
  const url = new URL(address);
  const parameters = {
    response_type: 'code',
    [token.clientIdParameter ?? 'client_id']: request.clientId,
    redirect_uri: request.redirectUri,
    state: request.state,
    ...scopeParameters(scopes),
    ...(request.codeVerifier && {
      code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    }),
    ...authorizeParameters,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

function scopeParameters({ required, optional = [], ...scopes }: OAuth2['scopes']): Record<string, string> {
  const { parameter = 'scope', optionalParameter, separator = ' ' } = scopes;
  const requested: [name: string, names: readonly string[]][] =
    optionalParameter === undefined
      ? [[parameter, [...required, ...optional]]]
      : [
          [parameter, required],
          [optionalParameter, optional],
        ];
  const present = requested.filter(([, names]) => names.length > 0);
  return Object.fromEntries(present.map(([name, names]) => [name, names.join(separator)]));
}
