import { createHash } from 'node:crypto';
import type { Provider } from '../../catalog/schema.ts';
import { fill } from '../../catalog/templates.ts';
import { requireFields } from '../credentials/accept.ts';
import type { Sealer } from '../credentials/sealer.ts';
import { isAuthorized, type OAuth2, requireCodeGrant } from '../credentials/tokens.ts';
import { failure, invalid } from '../errors.ts';
import { addSeconds, type OperationContext, timestamp } from '../operation-context.ts';
import { redirectUriOf } from './addresses.ts';
import { type AuthorizationPort, type AuthorizationTarget, digestOf, sealContext } from './authorization.ts';
import { authorizationClient, type ClientPorts } from './client.ts';

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
  /** Where the provider sends the browser back to: registered with the OAuth client. */
  readonly redirectUri: string;
  readonly expiresAt: string;
}

export type AuthorizePorts = AuthorizationPort &
  ClientPorts &
  Pick<OperationContext, 'clock' | 'ids'> & {
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
  { projectId, userId, apiUrl, provider: entry, target, returnTo, fields: entered }: StartAuthorization,
  ports: AuthorizePorts,
): Promise<StartedAuthorization> {
  if (!isAuthorized(entry)) {
    const message = 'is connected by entering credentials, not by authorizing it';
    throw invalid([{ path: 'provider', message }]);
  }
  requireReturnTo(returnTo, ports.addresses);
  requireFields(entry, entered, 'fields');
  const requested = await authorizationClient(entry, entered, apiUrl, ports);
  const { provider, client, name, fields, issuer, isIssuerSent } = requested;
  const { pkce } = requireCodeGrant(provider);
  const id = ports.ids.next();
  const stateSecret = ports.secrets.next();
  const codeVerifier = pkce ? ports.secrets.next() : null;
  const redirectUri = redirectUriOf(name, apiUrl);
  const expiresAt = timestamp(addSeconds(ports.clock.now(), LIFETIME_SECONDS));
  await ports.authorizations.create({
    id,
    projectId,
    userId,
    providerId: provider.id,
    client: name,
    redirectUri,
    returnTo,
    target,
    ...(await storedFields(entry, fields, { id }, ports)),
    ...(issuer !== undefined && { issuer, isIssuerSent }),
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
  return {
    authorizationId: id,
    authorizationUrl: ports.addresses.toProvider(authorizationUrl),
    redirectUri,
    expiresAt,
  };
}

/** Keeps apart what is secret, or was discovered beside the fields. */
async function storedFields(
  { auth }: Provider,
  fields: Readonly<Record<string, string>>,
  authorization: { readonly id: string },
  { sealer }: AuthorizePorts,
) {
  const open = new Set(auth.fields.filter(({ secret }) => !secret).map(({ name }) => name));
  const entries = Object.entries(fields);
  if (entries.every(([name]) => open.has(name))) return { fields };
  return {
    fields: Object.fromEntries(entries.filter(([name]) => open.has(name))),
    sealedFields: await sealer.seal(JSON.stringify(fields), sealContext(authorization, 'fields')),
  };
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
