import { completeGrant } from '../../catalog/open.ts';
import type { Provider } from '../../catalog/schema.ts';
import type {
  AuthorizationServerDiscovery,
  ClientAddresses,
  OAuthClient,
  OAuthClientReader,
  OAuthParty,
} from '../credentials/oauth.ts';
import { requireOAuth2, requireParty } from '../credentials/tokens.ts';
import { invalid, retryLater } from '../errors.ts';
import { metadataUrlOf, nameOfClient, redirectUriOf } from './addresses.ts';

type Fields = OAuthParty['fields'];

/** Parties and values of a request for an authorization. */
export interface AuthorizationClient {
  /** Completed, where the entry is open. */
  readonly provider: Provider;
  readonly client: OAuthClient;
  /** Name of the client, which has a redirect URI of its own. */
  readonly name: string;
  /** Values that the user entered, and those that were discovered. */
  readonly fields: Fields;
  readonly issuer?: string | undefined;
  readonly isIssuerSent?: boolean | undefined;
}

export interface ClientPorts {
  readonly oauthClients: OAuthClientReader;
  readonly discovery: AuthorizationServerDiscovery;
}

const WAIT_SECONDS = 60;

/**
 * Returns the client that requests an authorization: the platform's, one that the user entered, or one at an authorization
 * server that is discovered.
 *
 * @throws DomainError `provider_not_configured`; `invalid_request` for addresses that are not allowed, or lead to no
 * authorization server; `provider_unavailable`.
 */
export async function authorizationClient(
  provider: Provider,
  entered: Fields,
  apiUrl: string,
  ports: ClientPorts,
): Promise<AuthorizationClient> {
  const { client: name, discovery } = requireOAuth2(provider);
  if (name !== undefined) {
    const { client } = await requireParty(provider, entered, ports);
    return { provider, client, name, fields: entered };
  }
  const found = discovery && (await discover(provider, entered, discovery.from, apiUrl, ports));
  const fields = { ...entered, ...found?.values };
  const completed = completeGrant(provider, fields);
  if (completed === undefined)
    throw invalid([{ path: 'fields', message: 'hold an address that is not allowed' }]);
  const { client } = await requireParty(completed, fields, ports);
  const { issuer, isIssuerSent } = found ?? {};
  return {
    provider: completed,
    client,
    name: nameOfClient(provider.id, issuer ?? addressOf(completed)),
    fields,
    issuer,
    isIssuerSent,
  };
}

function addressOf({ oauth2 }: Provider): string {
  return `${oauth2?.authorizeUrl} ${oauth2?.tokenUrl}`;
}

async function discover(
  provider: Provider,
  entered: Fields,
  from: string,
  apiUrl: string,
  ports: ClientPorts,
) {
  const addressesOf = (issuer: string): ClientAddresses => {
    const name = nameOfClient(provider.id, issuer);
    return { redirectUri: redirectUriOf(name, apiUrl), metadataUrl: metadataUrlOf(name, apiUrl) };
  };
  const found = await ports.discovery.discover(entered[from] ?? '', addressesOf);
  switch (found.outcome) {
    case 'ok':
      return found;
    case 'unsupported':
      throw invalid([{ path: `fields.${from}`, message: found.message }]);
    case 'unavailable':
      throw retryLater(
        'provider_unavailable',
        `${provider.name} could not be reached just now.`,
        WAIT_SECONDS,
      );
  }
}
