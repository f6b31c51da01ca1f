import type { AuthorizationTarget } from '../../shared/domain/authorizations/authorization.ts';
import { startAuthorization } from '../../shared/domain/authorizations/authorize.ts';
import { handleCallback } from '../../shared/domain/authorizations/callback.ts';
import { completeAuthorization } from '../../shared/domain/authorizations/complete.ts';
import { type IssuedCredentials, issueCredentials } from '../../shared/domain/issuing/issue-credentials.ts';
import { requireProvider } from '../../shared/domain/model/provider.ts';
import { PROJECT, type SimulatedDeployment } from './deployment.ts';
import { addFlow, userNamed } from './operations.ts';
import { type Ports, RETURN_ORIGIN } from './process.ts';
import { countEntries, type StoredState } from './stored-state.ts';

/** Its refresh tokens are never replaced, and revoking one ends every grant of the user. */
export const GOOGLE = 'google-calendar';
/** Every refresh replaces its refresh token at once, and revoking one ends that grant alone. */
export const BOX = 'box';
/** Every refresh replaces its refresh token, and the replaced one works for ten minutes more. */
export const JIRA = 'jira-oauth';

/** Lists the granted scopes, of which a user can untick some; revoking a refresh token ends its grant alone. */
export const HUBSPOT = 'hubspot-oauth';

/** Beyond the end of an access token, which lasts an hour. */
export const TOKEN_EXPIRED_SECONDS = 2 * 60 * 60;
/** Beyond the lease of a refresh, which lasts 20 s. */
export const REFRESH_LEASE_EXPIRED_SECONDS = 21;

const API_URL = 'https://api.example';
const RETURN_TO = `${RETURN_ORIGIN}/connections?tab=all`;

/** An authorization that came back from its provider. */
export interface Returned {
  readonly authorizationId: string;
  readonly completion: string;
}

interface AuthorizeOptions {
  readonly providerId?: string;
  /** Name of the user, and of their account at the provider. */
  readonly user?: string;
  readonly target?: AuthorizationTarget;
}

const newConnection: AuthorizationTarget = { kind: 'create', flowId: 'flow', stepId: 'step' };

/** Starts an authorization. */
export function authorize(
  ports: Ports,
  { providerId = BOX, user = 'old', target = newConnection }: AuthorizeOptions,
) {
  return startAuthorization(
    {
      projectId: PROJECT,
      userId: user,
      apiUrl: API_URL,
      provider: requireProvider({ providerId }, ports),
      target,
      returnTo: RETURN_TO,
      fields: {},
    },
    ports,
  );
}

/** Sends the provider's redirect to its redirect URI. */
export function callback(ports: Ports, providerId: string, parameters: Readonly<Record<string, string>>) {
  return handleCallback(requireProvider({ providerId }, ports).oauth2?.client ?? '', parameters, ports);
}

/** Reads the address that the browser returns to. */
export function returnedTo(address: string | null): Returned {
  const { searchParams } = new URL(address ?? 'missing:');
  return {
    authorizationId: searchParams.get('authorization') ?? '',
    completion: searchParams.get('completion') ?? '',
  };
}

/** Authorizes without faults up to the completion, which is left. */
export async function returnedAuthorization(
  { faultless, providers }: SimulatedDeployment,
  options: AuthorizeOptions & { readonly scopes?: string[] } = {},
): Promise<Returned> {
  const { providerId = BOX, user = 'old', scopes } = options;
  const { authorizationUrl } = await authorize(faultless, options);
  const parameters = await providers.consent(providerId, authorizationUrl, user, scopes);
  return returnedTo(await callback(faultless, providerId, parameters));
}

export function complete(ports: Ports, returned: Returned, user = 'old') {
  return completeAuthorization({ projectId: PROJECT, ...returned, actor: userNamed(user) }, ports);
}

/** Connects a step of a flow by an authorization without faults, and returns the connection's id. */
export async function addOAuthConnection(
  deployment: SimulatedDeployment,
  { providerId = BOX, user = 'old' }: Omit<AuthorizeOptions, 'target'> = {},
): Promise<string> {
  await addFlow(deployment, 'flow');
  const returned = await returnedAuthorization(deployment, { providerId, user });
  return (await complete(deployment.faultless, returned, user)).connection.id;
}

/** Connects a step whose access token expired since. */
export async function addExpired(
  deployment: SimulatedDeployment,
  options: Omit<AuthorizeOptions, 'target'> = {},
): Promise<string> {
  const id = await addOAuthConnection(deployment, options);
  deployment.advance(TOKEN_EXPIRED_SECONDS);
  return id;
}

/** Issues the credentials of a connection, as for an action of a flow. */
export function issue(ports: Ports, connectionId: string): Promise<IssuedCredentials> {
  return issueCredentials({ projectId: PROJECT, connectionId }, ports);
}

/** Issues the credentials of a connection, which refreshes an access token that ended. */
export function refreshOf(id: string) {
  return { run: (ports: Ports) => issue(ports, id) };
}

/** Completes an authorization that reconnects. */
export function oauthReconnectOf(returned: Returned, user: string) {
  return {
    run: (ports: Ports) => complete(ports, returned, user),
    count: (state: StoredState) =>
      countEntries(
        state,
        ({ type, actor }) => type === 'reconnected' && actor.type === 'user' && actor.id === user,
      ),
  };
}

/** Authorizes another grant for a connection, of the user's own account. */
export function returnedReconnect(
  deployment: SimulatedDeployment,
  connectionId: string,
  user: string,
  providerId = BOX,
): Promise<Returned> {
  const target = { kind: 'reconnect', connectionId, allowAccountChange: false } as const;
  return returnedAuthorization(deployment, { providerId, user, target });
}
