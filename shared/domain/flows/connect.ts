import type { Provider } from '../../catalog/schema.ts';
import type { Actor } from '../access/actor.ts';
import type { Connection } from '../connections/connection.ts';
import { reminderAfter } from '../connections/expiry.ts';
import { clipName } from '../connections/name.ts';
import type { CreationIntent, StoredConnection } from '../connections/stored.ts';
import type { IntentReader } from '../connections/sweep.ts';
import {
  type NewCredentials,
  requireFields,
  requireFutureDate,
  type Verified,
  verifyOrThrow,
} from '../credentials/accept.ts';
import type { SecretWriter } from '../credentials/secrets.ts';
import type { Verifier } from '../credentials/verification.ts';
import { DomainError, invalid } from '../errors.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { after, timestamp } from '../time.ts';
import { requireCapacity } from './flow.ts';
import { type LinkPorts, unitOf } from './link.ts';
import { currentConnection, loadFlow, type StepRef } from './load.ts';
import { linkStepToNew } from './step-links.ts';

export interface Connect extends StepRef, NewCredentials {
  readonly providerId: string;
  /** Normalised; where it is not given the provider's name and the account's label are taken. */
  readonly name?: string | undefined;
  readonly actor: Actor;
}

export type ConnectPorts = LinkPorts & IntentReader & Pick<SecretWriter, 'createSecret'> & Verifier;

/** How long a creation may take before the sweeper clears it away. */
const CREATION_SECONDS = 15 * 60;

/**
 * Makes a connection for a step of a flow: intent, verify, secret, commit. Until the commit there is no
 * connection; what a crash leaves behind is found by its intent (docs/decisions/0002).
 *
 * @throws DomainError `flow_not_found`, `authorization_required`, `invalid_request`, `credentials_rejected`,
 * `provider_unavailable`, `busy`.
 */
export async function connectIntegration(request: Connect, ports: ConnectPorts): Promise<Connection> {
  requireCapacity(await loadFlow(request, ports), request.stepId);
  const provider = ports.catalog.get(request.providerId);
  if (!provider) throw invalid([{ path: 'provider', message: 'is not a provider of the catalogue' }]);
  const credentials = requireFields(provider, request.credentials);
  requireFutureDate(request.expiresAt, ports);
  const version = ports.ids.next();
  const intent = await declare(`con_${version}`, request, ports);
  const verified = await verifyNew(provider, { credentials, expiresAt: request.expiresAt }, intent, ports);
  await ports.createSecret(intent.connectionId, version, credentials);
  return commitNew(request, { provider, intent, version, verified }, ports);
}

async function declare(connectionId: string, request: Connect, ports: ConnectPorts): Promise<CreationIntent> {
  const expiresAt = timestamp(after(ports.clock.now(), CREATION_SECONDS));
  const intent = { connectionId, projectId: request.projectId, expiresAt, abandoned: false };
  const outcome = await ports.commit({ intent: { before: null, after: intent } });
  if (outcome === 'stale') throw new Error('A new id was taken already.');
  return intent;
}

async function verifyNew(
  provider: Provider,
  candidate: NewCredentials,
  intent: CreationIntent,
  ports: ConnectPorts,
): Promise<Verified> {
  try {
    return await verifyOrThrow(provider, candidate, ports);
  } catch (error) {
    // Nothing was made yet. Should this fail as well, the sweeper removes the intent.
    await Promise.allSettled([ports.commit({ intent: { before: intent, after: null } })]);
    throw error;
  }
}

interface Prepared {
  readonly provider: Provider;
  readonly intent: CreationIntent;
  readonly version: string;
  readonly verified: Verified;
}

/** The commit point: connection, step, counts and history appear, the intent goes. */
function commitNew(request: Connect, prepared: Prepared, ports: ConnectPorts): Promise<Connection> {
  return untilCommitted(async () => {
    const flow = await loadFlow(request, ports);
    const current = await currentConnection(flow, request.stepId, ports);
    if (current === STALE) return STALE;
    const at = timestamp(ports.clock.now());
    const made = newConnection(request, prepared, at);
    const linkChange = linkStepToNew(flow, request.stepId, { made, current, at });
    const outcome = await ports.commit({
      ...unitOf(linkChange, request.actor, at, ports),
      intent: { before: prepared.intent, after: null },
    });
    if (outcome === 'committed') return made.connection;
    await requireIntent(prepared.intent, ports);
    return STALE;
  }, ports);
}

/**
 * Held against a creation that outlived its deadline: the sweeper may have come before the secret was made, so it
 * is told of it again.
 *
 * @throws DomainError `busy` once the intent is no longer in force.
 */
async function requireIntent(intent: CreationIntent, ports: ConnectPorts): Promise<void> {
  await untilCommitted(async () => {
    const standing = (await ports.findIntent(intent)) ?? null;
    if (standing?.abandoned === false) return;
    const outcome = await ports.commit({ intent: { before: standing, after: intent } });
    if (outcome === 'stale') return STALE;
    throw new DomainError({ code: 'busy', retryAfterSeconds: 1 }, 'It took too long; try again.');
  }, ports);
}

function newConnection(request: Connect, prepared: Prepared, at: string): StoredConnection {
  const { provider, intent, version, verified } = prepared;
  const label = verified.account ? `${provider.name} - ${verified.account.label}` : provider.name;
  const connection: Connection = {
    id: intent.connectionId,
    projectId: request.projectId,
    providerId: provider.id,
    name: request.name ?? clipName(label),
    status: 'active',
    statusReason: null,
    statusSince: at,
    account: verified.account,
    flowCount: 1,
    connectedAt: at,
    reconnectedAt: null,
    lastCheckedAt: at,
    expiresAt: verified.expiresAt,
    createdBy: request.actor.type === 'user' ? request.actor.id : 'system',
    updatedAt: at,
    version: 1,
  };
  const reminder = reminderAfter(new Date(at), connection.expiresAt);
  const { cadence } = provider;
  return { connection, revision: 1, secretVersion: version, lease: null, cadence, reminder };
}
