import type { Sealer } from '../credentials/sealer.ts';
import type { ProviderPort } from '../model/provider.ts';
import { type OperationContext, timestamp } from '../operation-context.ts';
import {
  type Authorization,
  type AuthorizationPort,
  digestOf,
  matchesDigest,
  sealContext,
} from './authorization.ts';
import type { SecretGenerator } from './authorize.ts';

export type CallbackPorts = AuthorizationPort &
  ProviderPort &
  Pick<OperationContext, 'clock'> & { readonly sealer: Sealer; readonly secrets: SecretGenerator };

/** Query parameters of the provider's redirect. */
export type CallbackParameters = Readonly<Record<string, string | undefined>>;

/** Query parameters that no `keep` reads. */
const PROTOCOL_PARAMETERS = ['code', 'state', 'error', 'error_description', 'error_uri', 'iss'];

/**
 * Handles the provider's redirect to an OAuth client's redirect URI. `state` is used once, belongs to this client, and
 * `iss` must be the provider's where it has one (RFC 9207), so that no provider can pass its code for another's. Nothing is
 * exchanged here: the code is kept sealed until the user who began completes.
 *
 * @returns the address to send the browser to; null for a `state` that is unknown, used or expired.
 */
export async function handleCallback(
  client: string,
  parameters: CallbackParameters,
  ports: CallbackPorts,
): Promise<string | null> {
  const before = await findByState(client, parameters.state, ports);
  if (!before) return null;
  const { iss, code, error } = parameters;
  const documented = ports.catalog.get(before.providerId)?.oauth2?.issuer;
  const issuer = documented ?? before.issuer;
  const isIssuerSent = documented !== undefined || before.isIssuerSent === true;
  // A discovered server may name itself without having said so, but never another one.
  const isIssuer = issuer === undefined || iss === issuer || (iss === undefined && !isIssuerSent);
  if (error !== undefined || code === undefined || !isIssuer) {
    const reason = error === 'access_denied' ? 'authorization_denied' : 'provider_error';
    const isOurs = await ports.authorizations.replace(before, { ...before, status: 'failed' });
    return isOurs ? returnAddress(before, { error: reason }) : null;
  }
  const completion = ports.secrets.next();
  const callback = Object.fromEntries(
    Object.entries(parameters).filter(([name, value]) => value && !PROTOCOL_PARAMETERS.includes(name)),
  );
  const returned = await ports.sealer.seal(
    JSON.stringify({ code, callback }),
    sealContext(before, 'returned'),
  );
  const after = { ...before, status: 'returned' as const, returned, completionDigest: digestOf(completion) };
  const isOurs = await ports.authorizations.replace(before, after);
  return isOurs ? returnAddress(before, { completion }) : null;
}

async function findByState(
  client: string,
  state: string | undefined,
  ports: CallbackPorts,
): Promise<Authorization | null> {
  const [id = '', secret = ''] = (state ?? '').split('.');
  const authorization = id === '' ? undefined : await ports.authorizations.find(id);
  if (authorization?.status !== 'started' || authorization.client !== client) return null;
  const isExpired = authorization.expiresAt <= timestamp(ports.clock.now());
  return !isExpired && matchesDigest(secret, authorization.stateDigest) ? authorization : null;
}

function returnAddress({ id, returnTo }: Authorization, result: Readonly<Record<string, string>>): string {
  const url = new URL(returnTo);
  url.searchParams.set('authorization', id);
  for (const [name, value] of Object.entries(result)) url.searchParams.set(name, value);
  return url.href;
}
