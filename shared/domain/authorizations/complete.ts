import { type CreatePorts, createConnection } from '../connections/create.ts';
import { type ReconnectPorts, reconnect } from '../connections/reconnect.ts';
import {
  type CredentialSource,
  issuedTokens,
  type VerifyPorts,
  verifyTokens,
} from '../credentials/accept.ts';
import type { CodeGrant, TokenSet } from '../credentials/oauth.ts';
import { requireParty } from '../credentials/tokens.ts';
import { failure, retryLater } from '../errors.ts';
import type { Connection } from '../model/connection.ts';
import type { Actor } from '../model/history.ts';
import { requireProvider } from '../model/provider.ts';
import { addSeconds, timestamp } from '../operation-context.ts';
import {
  type Authorization,
  type AuthorizationPort,
  authorizationNotFound,
  matchesDigest,
  sealContext,
} from './authorization.ts';

export interface CompleteAuthorization {
  readonly projectId: string;
  readonly authorizationId: string;
  readonly completion: string;
  readonly actor: Extract<Actor, { type: 'user' }>;
}

export type CompletePorts = AuthorizationPort & VerifyPorts & CreatePorts & ReconnectPorts;

export interface CompletedAuthorization {
  readonly kind: 'create' | 'reconnect';
  readonly connection: Connection;
}

/** Longer than a function can run, so that an expired lock has no live owner. */
const LOCK_SECONDS = 60;

/**
 * Completes an authorization: exchanges the code, verifies granted scopes, account and probe, and only then commits the
 * connection. Only the user who began it can complete it, and only with the completion code that reached their browser, so
 * that a link sent to somebody else attaches no account (RFC 9700, sections 4.7 and 4.16). Repeated after a lost response,
 * it returns the same connection.
 *
 * @throws DomainError `authorization_not_found`, `authorization_used`, `authorization_expired`, `scopes_missing`,
 * `credentials_rejected`, `account_mismatch`, `provider_unavailable`, `provider_not_configured`, and those of creating or
 * reconnecting.
 */
export async function completeAuthorization(
  request: CompleteAuthorization,
  ports: CompletePorts,
): Promise<CompletedAuthorization> {
  const found = await ports.authorizations.find(request.authorizationId);
  if (!found || !isBegunBy(found, request)) throw authorizationNotFound();
  const { kind } = found.target;
  const connection = await alreadyCommitted(found, ports);
  if (connection) return { kind, connection };
  const claimed = await claim(found, ports);
  const source = authorizedCredentials(claimed, ports);
  try {
    const committed = await commit(claimed, source, request.actor, ports);
    await finish(claimed, 'completed', ports);
    return { kind, connection: committed };
  } catch (error) {
    await (source.isExchanged() ? finish(claimed, 'failed', ports) : giveBack(claimed, ports));
    throw error;
  }
}

function isBegunBy(found: Authorization, { projectId, actor, completion }: CompleteAuthorization): boolean {
  const isSame = found.projectId === projectId && found.userId === actor.id;
  return isSame && matchesDigest(completion, found.completionDigest);
}

/**
 * Returns the connection that an earlier call committed, also one that was interrupted after its commit, or whose
 * response was lost: its connection, or the version that serves, has the authorization's id.
 */
async function alreadyCommitted(
  { id, projectId, target, status }: Authorization,
  { connections }: CompletePorts,
): Promise<Connection | undefined> {
  if (status === 'started' || status === 'returned') return undefined;
  const connectionId = target.kind === 'create' ? `con_${id}` : target.connectionId;
  const stored = await connections.find({ projectId, connectionId });
  const isCommitted = target.kind === 'create' || status === 'completed' || stored?.credentialsVersion === id;
  return isCommitted ? stored?.connection : undefined;
}

/** Claims a returned authorization. A code is exchanged once, so a completion that was interrupted is not repeated. */
async function claim(found: Authorization, ports: CompletePorts): Promise<Authorization> {
  const now = ports.clock.now();
  if (found.status === 'completing' && (found.lockedUntil ?? '') > timestamp(now)) {
    throw retryLater('request_in_progress', 'The authorization is being completed.', 1);
  }
  if (found.status !== 'returned') throw used();
  if (found.expiresAt <= timestamp(now)) {
    throw expired();
  }
  const lockedUntil = timestamp(addSeconds(now, LOCK_SECONDS));
  const claimed = await ports.authorizations.replace(found, { ...found, status: 'completing', lockedUntil });
  if (!claimed) throw retryLater('request_in_progress', 'The authorization is being completed.', 1);
  return claimed;
}

function expired() {
  return failure('authorization_expired', 'The authorization took longer than 15 minutes. Start again.');
}

function used() {
  return failure('authorization_used', 'The authorization was used already. Start again.');
}

/** The outcome is stored for repetitions. A failure here changes nothing for the caller. */
async function finish(
  claimed: Authorization,
  status: 'completed' | 'failed',
  { authorizations }: CompletePorts,
): Promise<void> {
  const { returned: _code, codeVerifier: _verifier, sealedFields: _fields, ...rest } = claimed;
  await Promise.allSettled([authorizations.replace(claimed, { ...rest, codeVerifier: null, status })]);
}

/** Makes a claimed authorization claimable again: its code was not sent, so the completion can be repeated. */
async function giveBack(claimed: Authorization, { authorizations }: CompletePorts): Promise<void> {
  const { lockedUntil: _lock, ...rest } = claimed;
  await Promise.allSettled([authorizations.replace(claimed, { ...rest, status: 'returned' })]);
}

async function commit(
  claimed: Authorization,
  source: CredentialSource,
  actor: Extract<Actor, { type: 'user' }>,
  ports: CompletePorts,
): Promise<Connection> {
  const { id, projectId, providerId, target } = claimed;
  if (target.kind === 'reconnect') {
    const { connectionId, allowAccountChange } = target;
    const request = { projectId, connectionId, id, source, allowAccountChange, expected: null, actor };
    return reconnect(request, ports);
  }
  const { flowId, stepId, name } = target;
  return createConnection({ projectId, flowId, stepId, providerId, source, id, name, actor }, ports);
}

interface AuthorizedSource extends CredentialSource {
  /** Returns true once the code was sent to the provider. */
  isExchanged(): boolean;
}

/** Returns the source of the credentials that the provider issues for the authorization's code. */
function authorizedCredentials(claimed: Authorization, ports: CompletePorts): AuthorizedSource {
  let isExchanged = false;
  let issued: TokenSet | undefined;
  return {
    isExchanged: () => isExchanged,
    precheck: () => undefined,
    async verify(provider, owner) {
      const fields = await openFields(claimed, ports);
      const party = await requireParty(provider, fields, ports);
      const grant = await openGrant(claimed, ports);
      isExchanged = true;
      issued = issuedTokens(provider, await ports.oauthProvider.exchangeCode(party, grant));
      return verifyTokens(provider, issued, { fields, owner }, ports);
    },
    async discard() {
      const provider = requireProvider(claimed, ports);
      // A revocation must not end other grants of the same user: the old credentials may be among them.
      if (!issued || provider.oauth2?.revocation?.ends !== 'grant') return;
      const fields = await openFields(claimed, ports);
      await ports.oauthProvider.revoke(await requireParty(provider, fields, ports), issued);
    },
  };
}

/** Opens what the authorization was requested with. */
async function openFields(claimed: Authorization, { sealer }: CompletePorts) {
  if (claimed.sealedFields === undefined) return claimed.fields;
  const opened = await sealer.open(claimed.sealedFields, sealContext(claimed, 'fields'));
  if (opened === undefined) throw expired();
  const fields: Authorization['fields'] = JSON.parse(opened);
  return fields;
}

/** Opens what the redirect brought. */
async function openGrant(claimed: Authorization, { sealer }: CompletePorts): Promise<CodeGrant> {
  const { redirectUri, codeVerifier, returned = '' } = claimed;
  const opened = await sealer.open(returned, sealContext(claimed, 'returned'));
  const verifier = codeVerifier && (await sealer.open(codeVerifier, sealContext(claimed, 'code-verifier')));
  // The data key was replaced twice within 15 minutes.
  if (opened === undefined || verifier === undefined) throw expired();
  return { ...JSON.parse(opened), codeVerifier: verifier, redirectUri };
}
