import type { Provider } from '../../catalog/schema.ts';
import { Credentials } from '../credentials/credentials.ts';
import { versionOf } from '../credentials/store.ts';
import { openAccessToken } from '../credentials/tokens.ts';
import { DomainError, failure, retryLater } from '../errors.ts';
import {
  type Connection,
  type ConnectionTarget,
  loadConnection,
  type SealedAccessToken,
  type StoredConnection,
} from '../model/connection.ts';
import type { ProviderPort } from '../model/provider.ts';
import { timestamp } from '../operation-context.ts';
import type { AuthType, StatusReason } from '../terms.ts';
import { type AccessPorts, ensureAccess } from './access.ts';

export interface IssueCredentials extends ConnectionTarget {
  /** Seconds for which an access token must be valid, where the provider allows it. Default: 300. */
  readonly minValiditySeconds?: number | undefined;
}

/** Credentials that a flow's action can use now, with their connection. */
export interface IssuedCredentials {
  readonly connection: Connection;
  readonly authType: AuthType;
  readonly credentials: Credentials;
  /** Their end, if known: an access token's own end for OAuth 2.0. */
  readonly expiresAt: string | null;
}

export type IssuePorts = AccessPorts & ProviderPort;

const DEFAULT_VALIDITY_SECONDS = 300;

/** The fields that the engine receives, by auth type: never a refresh token or a client secret. */
const ISSUED_FIELDS: Readonly<Record<AuthType, (provider: Provider) => readonly string[]>> = {
  api_key: enteredFields,
  basic: enteredFields,
  custom: enteredFields,
  oauth2: accessFields,
  oauth2_client_credentials: accessFields,
  service_account: accessFields,
};

/**
 * Issues the credentials of an active connection to the flow engine: those of the committed version, or a fresh access
 * token.
 *
 * @throws DomainError `connection_not_found`; `connection_inactive` with the reason: the action must not run;
 * `provider_unavailable` when no valid access token can be obtained now; `provider_not_configured`.
 */
export async function issueCredentials(
  request: IssueCredentials,
  ports: IssuePorts,
): Promise<IssuedCredentials> {
  const { minValiditySeconds = DEFAULT_VALIDITY_SECONDS } = request;
  const stored = requireActive(request.found ?? (await loadConnection(request, ports)));
  try {
    return await issue(stored, minValiditySeconds, ports);
  } catch (error) {
    // A disconnect, or several reconnects, removed the version after the connection was read.
    const currentRecord = requireActive(await loadConnection(request, ports));
    if (currentRecord.credentialsVersion === stored.credentialsVersion) throw error;
    return issue(currentRecord, minValiditySeconds, ports);
  }
}

function requireActive(stored: StoredConnection): StoredConnection {
  const { status, statusReason: reason } = stored.connection;
  if (status === 'active') return stored;
  throw inactive(reason);
}

function inactive(reason: StatusReason) {
  return new DomainError(
    { code: 'connection_inactive', reason },
    'The connection is inactive. The action must not run until it is reconnected.',
  );
}

async function issue(
  stored: StoredConnection,
  minValiditySeconds: number,
  ports: IssuePorts,
): Promise<IssuedCredentials> {
  const { connection } = stored;
  const provider = ports.catalog.get(connection.providerId);
  if (provider?.oauth2) return issueAccess(stored, provider, minValiditySeconds, ports);
  if (!provider && stored.accessToken) return issueRemaining(stored, stored.accessToken, ports);
  const credentials = await ports.credentials.read(versionOf(stored));
  const { expiresAt } = connection;
  // Flows keep running when an operator removes a provider from the catalog: entered fields are all issuable.
  if (!provider) return { connection, authType: 'custom', credentials, expiresAt };
  return { ...issuable(connection, provider, credentials.reveal()), expiresAt };
}

/** Issues the access token of a provider that the catalog no longer has: nothing says how to refresh it. */
async function issueRemaining(
  stored: StoredConnection,
  accessToken: SealedAccessToken,
  ports: IssuePorts,
): Promise<IssuedCredentials> {
  const { connection } = stored;
  const { expiresAt } = accessToken;
  const isOver = expiresAt !== null && expiresAt <= timestamp(ports.clock.now());
  const values = await openAccessToken(accessToken, versionOf(stored), ports);
  if (isOver || !values)
    throw failure('provider_not_configured', 'The provider is no longer in the catalog.');
  return { connection, authType: 'oauth2', credentials: new Credentials({ ...values }), expiresAt };
}

async function issueAccess(
  stored: StoredConnection,
  provider: Provider,
  minValiditySeconds: number,
  ports: IssuePorts,
): Promise<IssuedCredentials> {
  const access = await ensureAccess(stored, provider, { minValiditySeconds }, ports);
  switch (access.outcome) {
    case 'ok':
      return { ...issuable(stored.connection, provider, access.values), expiresAt: access.expiresAt };
    case 'rejected':
      throw inactive(access.reason);
    default:
      throw retryLater(
        'provider_unavailable',
        `${provider.name} issues no access token just now. The connection stays as it is.`,
        access.retryAfterSeconds,
      );
  }
}

function issuable(connection: Connection, provider: Provider, values: Readonly<Record<string, string>>) {
  const { type: authType } = provider.auth;
  const names = issuedFields(provider);
  const issued = Object.entries(values).filter(([name]) => names.includes(name));
  return { connection, authType, credentials: new Credentials(Object.fromEntries(issued)) };
}

/** Returns the names of the fields that the engine receives of a provider's credentials. */
export function issuedFields(provider: Provider): readonly string[] {
  return ISSUED_FIELDS[provider.auth.type](provider);
}

function enteredFields({ auth }: Provider): readonly string[] {
  return auth.fields.map(({ name }) => name);
}

/** Secret fields of OAuth 2.0 obtain access tokens, which requests are made with instead. */
function accessFields({ auth, oauth2 }: Provider): readonly string[] {
  const entered = auth.fields.filter(({ secret }) => !secret).map(({ name }) => name);
  return ['accessToken', 'tokenType', ...entered, ...Object.keys(oauth2?.keep ?? {})];
}
