import type { Provider } from '../../catalog/schema.ts';
import type { CredentialSource, VerifiedCredentials } from '../credentials/accept.ts';
import type { CredentialWriter } from '../credentials/store.ts';
import { invalid, retryLater } from '../errors.ts';
import { type LinkPorts, linkStepToNew, requireFreeStep, toUnitOfWork } from '../flows/step-links.ts';
import type {
  Connection,
  ConnectionRef,
  CreationIntent,
  StatusWithReason,
  StoredConnection,
} from '../model/connection.ts';
import { reminderAfter } from '../model/expiry.ts';
import { currentConnection, loadFlow, requireCapacity, type StepRef } from '../model/flow.ts';
import type { Actor } from '../model/history.ts';
import type { ImportRecord } from '../model/import-record.ts';
import { clipName } from '../model/name.ts';
import type { ProviderPort } from '../model/provider.ts';
import { addSeconds, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { CredentialStoreName } from '../terms.ts';

export interface Create extends StepRef {
  readonly source: CredentialSource;
  /** UUIDv7 of the connection's id and of its first credentials version. Default: a new one. */
  readonly id?: string | undefined;
  readonly providerId: string;
  /** Normalized. Default: the provider's name and, where known, the account's label. */
  readonly name?: string | undefined;
  readonly actor: Actor;
  /** Facts of a connection that another platform had before: it takes over no step from another connection. */
  readonly imported?: ImportedFacts | undefined;
}

/** Facts of a connection that is imported, in place of those of a new one. */
export interface ImportedFacts
  extends Pick<Connection, 'connectedAt' | 'reconnectedAt' | 'statusSince' | 'createdBy'> {
  /** Committed with the connection. */
  readonly record: ImportRecord;
  readonly status: StatusWithReason;
  /** Undefined if the provider verifies the credentials now. */
  readonly lastCheckedAt: string | null | undefined;
}

/** Reads the records of creations under way. */
export interface IntentReader {
  findIntent(ref: ConnectionRef): Promise<CreationIntent | undefined>;
}

export type CreatePorts = LinkPorts &
  ProviderPort & {
    readonly recovery: IntentReader;
    readonly credentials: Pick<CredentialWriter, 'create' | 'storeOfNew'>;
  };

/** Time until the sweeper removes an unfinished creation. */
const CREATION_SECONDS = 15 * 60;

/**
 * Creates a connection for a step of a flow: intent, verify, credentials, commit. Before the commit there is no
 * connection; the sweeper finds what a crash left behind by the intent.
 *
 * @throws DomainError `flow_not_found`, `authorization_required`, `invalid_request`, `credentials_rejected`,
 * `provider_unavailable`, `busy`.
 */
export async function createConnection(request: Create, ports: CreatePorts): Promise<Connection> {
  requireCapacity(await loadFlow(request, ports), request.stepId);
  const provider = ports.catalog.get(request.providerId);
  if (!provider) throw invalid([{ path: 'provider', message: 'is not a provider of the catalog' }]);
  request.source.precheck(provider);
  const version = request.id ?? ports.ids.next();
  const intent = await writeIntent(`con_${version}`, request, ports);
  const { connectionId } = intent;
  const { storeOfNew: store } = ports.credentials;
  const { verified, credentials, accessToken } = await verifyOrRemoveIntent(
    provider,
    request.source,
    { intent, version },
    ports,
  );
  try {
    const { projectId } = request;
    await ports.credentials.create({ projectId, connectionId, store, version }, credentials, provider.id);
    return await commitCreation(request, { provider, intent, version, store, verified, accessToken }, ports);
  } catch (error) {
    // A lost response may hide a commit: then the connection exists, and keeps its credentials.
    const [found] = await Promise.allSettled([ports.connections.find({ ...request, connectionId })]);
    if (found.status === 'fulfilled' && !found.value) await Promise.allSettled([request.source.discard()]);
    throw error;
  }
}

async function writeIntent(
  connectionId: string,
  { projectId }: Create,
  ports: CreatePorts,
): Promise<CreationIntent> {
  const expiresAt = timestamp(addSeconds(ports.clock.now(), CREATION_SECONDS));
  const intent = { connectionId, projectId, expiresAt, abandoned: false };
  const outcome = await ports.unitOfWork.commit({ intent: { before: null, after: intent } });
  if (outcome === 'stale') throw new Error('A new connection id was already taken.');
  return intent;
}

async function verifyOrRemoveIntent(
  provider: Provider,
  source: CredentialSource,
  { intent, version }: Pick<Creation, 'intent' | 'version'>,
  ports: CreatePorts,
): Promise<VerifiedCredentials> {
  try {
    const { projectId, connectionId } = intent;
    return await source.verify(provider, { projectId, connectionId, version });
  } catch (error) {
    // Nothing was created yet. An intent that could not be removed is left to the sweeper.
    await Promise.allSettled([
      source.discard(),
      ports.unitOfWork.commit({ intent: { before: intent, after: null } }),
    ]);
    throw error;
  }
}

interface Creation extends Pick<VerifiedCredentials, 'verified' | 'accessToken'> {
  readonly provider: Provider;
  readonly intent: CreationIntent;
  readonly version: string;
  readonly store: CredentialStoreName;
}

/** Commits connection, step, counts and history, and removes the intent. */
function commitCreation(request: Create, creation: Creation, ports: CreatePorts): Promise<Connection> {
  return untilCommitted(async () => {
    const flow = await loadFlow(request, ports);
    const current = await currentConnection(flow, request.stepId, ports);
    if (current === STALE) return STALE;
    if (request.imported) requireFreeStep(current, request.stepId);
    const at = timestamp(ports.clock.now());
    const created = newConnection(request, creation, at);
    const linkChange = linkStepToNew(flow, request.stepId, { created, current, at });
    const outcome = await ports.unitOfWork.commit({
      ...toUnitOfWork(linkChange, request.actor, ports),
      intent: { before: creation.intent, after: null },
      ...(request.imported && { importRecord: { before: null, after: request.imported.record } }),
    });
    if (outcome === 'committed') return created.connection;
    await requireIntent(creation.intent, ports);
    return STALE;
  }, ports);
}

/**
 * Checks that the sweeper has not ended this creation. It may have done so before the credentials were created, so the
 * intent is written again for it to remove them.
 *
 * @throws DomainError `busy` when the intent is no longer in force.
 */
async function requireIntent(intent: CreationIntent, ports: CreatePorts): Promise<void> {
  await untilCommitted(async () => {
    const currentRecord = (await ports.recovery.findIntent(intent)) ?? null;
    if (currentRecord?.abandoned === false) return;
    const outcome = await ports.unitOfWork.commit({ intent: { before: currentRecord, after: intent } });
    if (outcome === 'stale') return STALE;
    throw retryLater('busy', 'The creation took too long; try again.', 1);
  }, ports);
}

function newConnection(request: Create, creation: Creation, at: string): StoredConnection {
  const { provider, intent, version, store, verified, accessToken } = creation;
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
    ...(request.imported && importedFacts(request.imported, at)),
  };
  return {
    connection,
    revision: 1,
    credentialsVersion: version,
    credentialStore: store,
    promotionPending: false,
    lease: null,
    interruptedRefresh: null,
    accessToken,
    cadence: provider.cadence,
    reminder: reminderAfter(new Date(at), connection.expiresAt),
  };
}

function importedFacts({ record: _, status, lastCheckedAt, ...facts }: ImportedFacts, at: string) {
  return { ...facts, ...status, lastCheckedAt: lastCheckedAt === undefined ? at : lastCheckedAt };
}
