import type { Provider } from '../../catalog/schema.ts';
import { type CheckPorts, checkConnection } from '../checks/check.ts';
import { type CallBudget, callRateOf, callsPerCheck } from '../checks/token-bucket.ts';
import { type CreatePorts, createConnection, type ImportedFacts } from '../connections/create.ts';
import type { VerifyPorts } from '../credentials/accept.ts';
import type { CallLimitsPort } from '../credentials/verification.ts';
import { DomainError, invalid, projectNotFound, retryLater } from '../errors.ts';
import { linkIntegration } from '../flows/link.ts';
import { saveFlow } from '../flows/save.ts';
import type { Connection, StatusWithReason, StoredConnection } from '../model/connection.ts';
import { MAX_INTEGRATIONS } from '../model/flow.ts';
import { SYSTEM } from '../model/history.ts';
import type { ImportReader, ImportRecord, ImportRef } from '../model/import-record.ts';
import { requireProvider } from '../model/provider.ts';
import { timestamp } from '../operation-context.ts';
import type { DeletionReader } from '../projects/deletion.ts';
import {
  type ImportedCredentials,
  importedSource,
  requireSameClient,
  type VerificationTime,
  verificationTime,
} from './imported-credentials.ts';

/** A flow that uses the connection, with at least one step. */
export interface ImportedFlow {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly string[];
}

/** A connection of another platform. Times are RFC 3339 in UTC with milliseconds. */
export interface ImportedConnection
  extends ImportRef,
    ImportedCredentials,
    Pick<Connection, 'providerId' | 'connectedAt' | 'reconnectedAt' | 'lastCheckedAt'> {
  /** Normalized. Default: the provider's name and, where known, the account's label. */
  readonly name: string | undefined;
  readonly status: StatusWithReason;
  readonly statusSince: string | undefined;
  readonly createdBy: string | undefined;
  /** At least one: there is no connection outside a flow. */
  readonly flows: readonly ImportedFlow[];
}

export type ImportPorts = CheckPorts &
  CreatePorts &
  VerifyPorts &
  CallLimitsPort & {
    readonly imports: ImportReader;
    readonly deletions: DeletionReader;
    readonly callBudget: CallBudget;
    /** Waits until the next connection may be created: Secrets Manager allows 50 changes a second. */
    readonly pace: () => Promise<void>;
    readonly wait: (seconds: number) => Promise<void>;
  };

/**
 * Result of an import. A `known` connection was imported before, and stays as it is by now; a `disconnected` one was
 * imported before, and removed since.
 */
export interface ImportResult {
  readonly outcome: 'imported' | 'known' | 'disconnected';
  readonly connectionId: string;
  /** Status of the connection: `inactive` also if the provider refused its refresh token. */
  readonly status: Connection['status'];
}

/**
 * Imports a connection of another platform, once for its id there. Credentials are verified before the connection exists;
 * a refresh token afterwards (see `VerificationTime`). May be interrupted and repeated anywhere: the record of the import
 * is committed with the connection, and a repetition links the steps that are missing. A step that belongs to another
 * connection is never taken over.
 *
 * @param isVerified false: the facts of the other platform are taken as they are.
 * @throws DomainError `provider_not_found`, `invalid_request`, `credentials_rejected`, `provider_not_configured`,
 * `provider_unavailable`, `busy`; `project_not_found` and `connection_not_found` while the project is deleted.
 */
export async function importConnection(
  imported: ImportedConnection,
  isVerified: boolean,
  ports: ImportPorts,
): Promise<ImportResult> {
  const found = await ports.imports.find(imported);
  if (found?.isComplete) return knownResult(found, ports);
  const provider = requireProvider(imported, ports);
  const isActive = imported.status.status === 'active';
  const time =
    isVerified && isActive ? verificationTime(provider, imported, ports.clock.now()) : ('never' as const);
  const record = found ?? (await createOrFind(imported, provider, time, ports));
  return complete(record, imported, { provider, isChecked: isVerified && isActive }, ports);
}

async function knownResult(record: ImportRecord, ports: ImportPorts): Promise<ImportResult> {
  const { connectionId } = record;
  const stored = await findImported(record, ports);
  if (!stored) return { outcome: 'disconnected', connectionId, status: 'inactive' };
  return { outcome: 'known', connectionId, status: stored.connection.status };
}

/**
 * Returns undefined for a connection that users removed. While a project is deleted nobody finds its connections, which
 * says nothing about them.
 *
 * @throws DomainError `project_not_found` while the project is deleted.
 */
async function findImported(
  record: ImportRecord,
  { connections, deletions }: ImportPorts,
): Promise<StoredConnection | undefined> {
  const stored = await connections.find(record);
  if (stored) return stored;
  if (await deletions.find(record.projectId)) throw projectNotFound();
  // A restore may have ended between the two reads.
  return connections.find(record);
}

/** A creation fails also where its response was lost, and where another run imported the same connection meanwhile. */
async function createOrFind(...request: Parameters<typeof create>): Promise<ImportRecord> {
  try {
    return await create(...request);
  } catch (error) {
    const [imported, , , { imports }] = request;
    const found = await imports.find(imported);
    if (!found) throw error;
    return found;
  }
}

async function create(
  imported: ImportedConnection,
  provider: Provider,
  time: VerificationTime,
  ports: ImportPorts,
): Promise<ImportRecord> {
  importedSource(provider, imported, time, ports).precheck(provider);
  requirePast(imported, ports);
  await requireSameClient(provider, imported, ports);
  await requireFreeSteps(imported, ports);
  await ports.pace();
  if (time !== 'never') await waitForBudget(provider, ports);
  await registerFlows(imported, ports);
  try {
    return await commit(imported, provider, time, ports);
  } catch (error) {
    const isRejected = error instanceof DomainError && error.code === 'credentials_rejected';
    const isRenewable = imported.credentials.reveal().refreshToken !== undefined;
    // The access token ended early; the refresh token decides.
    if (!isRejected || !isRenewable || provider.oauth2?.refresh === undefined) throw error;
    return commit(imported, provider, 'after_commit', ports);
  }
}

async function commit(
  imported: ImportedConnection,
  provider: Provider,
  time: VerificationTime,
  ports: ImportPorts,
): Promise<ImportRecord> {
  const { projectId, platformId, providerId, name, connectedAt } = imported;
  const id = idAt(connectedAt, ports.ids.next());
  const isComplete = stepsOf(imported).length === 1 && time !== 'after_commit';
  const record = { projectId, platformId, connectionId: `con_${id}`, isComplete };
  const [{ flowId, stepId }] = stepsOf(imported);
  await createConnection(
    {
      ...{ projectId, flowId, stepId, providerId, id, name, actor: SYSTEM },
      source: importedSource(provider, imported, time, ports),
      imported: factsOf(imported, record, time, ports),
    },
    ports,
  );
  return record;
}

function factsOf(
  { status, statusSince, connectedAt, reconnectedAt, lastCheckedAt, createdBy }: ImportedConnection,
  record: ImportRecord,
  time: VerificationTime,
  { clock }: ImportPorts,
): ImportedFacts {
  const since = status.status === 'active' ? connectedAt : timestamp(clock.now());
  const checks = { before_commit: undefined, after_commit: null, never: lastCheckedAt };
  return {
    ...{ record, status, connectedAt, reconnectedAt },
    statusSince: statusSince ?? since,
    lastCheckedAt: checks[time],
    createdBy: createdBy ?? 'system',
  };
}

/** Returns a UUIDv7 (RFC 9562, section 5.7) with another time: lists sort by ids, and so by `connectedAt`. */
function idAt(time: string, id: string): string {
  const digits = Date.parse(time).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}${id.slice(13)}`;
}

function requirePast({ connectedAt }: ImportedConnection, { clock }: ImportPorts): void {
  if (connectedAt <= timestamp(clock.now()) && Date.parse(connectedAt) >= 0) return;
  throw invalid([{ path: 'connectedAt', message: 'must be between 1970 and now' }]);
}

interface ImportedStep {
  readonly flowId: string;
  readonly stepId: string;
}

/** @throws DomainError `invalid_request` for a connection without steps. */
function stepsOf({ flows }: ImportedConnection): readonly [ImportedStep, ...ImportedStep[]] {
  const [first, ...others] = flows.flatMap(({ id: flowId, steps }) =>
    steps.map((stepId) => ({ flowId, stepId })),
  );
  if (!first) throw invalid([{ path: 'flows', message: 'must have a step' }]);
  return [first, ...others];
}

/** @throws DomainError `invalid_request` for the first step that is linked already, and for a flow with too many. */
async function requireFreeSteps({ projectId, flows }: ImportedConnection, ports: ImportPorts): Promise<void> {
  for (const { id: flowId, steps } of flows) {
    const { integrations = [] } = (await ports.flows.find({ projectId, flowId })) ?? {};
    const linked = integrations.find(({ stepId }) => steps.includes(stepId));
    const refuse = (message: string) => invalid([{ path: 'flows', message }]);
    if (linked) throw refuse(`the step ${linked.stepId} is linked to another connection`);
    const isTooLarge = integrations.length + steps.length > MAX_INTEGRATIONS;
    if (isTooLarge) throw refuse(`the flow ${flowId} has ${MAX_INTEGRATIONS} steps at most`);
  }
}

/** A flow that exists keeps its name. */
async function registerFlows({ projectId, flows }: ImportedConnection, ports: ImportPorts): Promise<void> {
  for (const { id: flowId, name } of flows) {
    if (!(await ports.flows.find({ projectId, flowId }))) await saveFlow({ projectId, flowId, name }, ports);
  }
}

/** Waits until the provider's call budget, which the checks use too, has the calls of a verification. */
async function waitForBudget(provider: Provider, ports: ImportPorts): Promise<void> {
  const { id, limits } = provider;
  let isReserved = false;
  for (;;) {
    const request = {
      ...{ checks: 1, following: 0, tokensPerCheck: callsPerCheck(provider), isUrgent: false, isReserved },
      rate: callRateOf(id, limits, ports.callLimits),
    };
    const grant = await ports.callBudget.takeTokens(id, request, ports.clock.now());
    if (grant.granted > 0) return;
    isReserved = grant.isReserved;
    await ports.wait(grant.retryAfterSeconds);
  }
}

/** Links the steps that are missing, and has a refresh token verified. */
async function complete(
  record: ImportRecord,
  imported: ImportedConnection,
  { provider, isChecked }: { readonly provider: Provider; readonly isChecked: boolean },
  ports: ImportPorts,
): Promise<ImportResult> {
  const { projectId, connectionId } = record;
  const result = { outcome: 'imported', connectionId } as const;
  if (record.isComplete) return { ...result, status: imported.status.status };
  const stored = await findImported(record, ports);
  if (stored) {
    for (const step of stepsOf(imported)) {
      const link = { projectId, ...step, providerId: provider.id, connectionId };
      await linkIntegration({ ...link, mayMove: false, actor: SYSTEM }, ports);
    }
  }
  const isUnchecked = isChecked && stored?.connection.lastCheckedAt === null;
  if (isUnchecked) await requireCheck(record, provider, ports);
  // Stale: another run completed it.
  await ports.unitOfWork.commit({ importRecord: { before: record, after: { ...record, isComplete: true } } });
  const { status } = await knownResult(record, ports);
  return stored ? { ...result, status } : { ...result, outcome: 'disconnected', status };
}

/** @throws DomainError `provider_unavailable` when the provider gave no verdict; the import is repeated. */
async function requireCheck(
  { projectId, connectionId }: ImportRecord,
  { name }: Provider,
  ports: ImportPorts,
): Promise<void> {
  const { check } = await checkConnection({ projectId, connectionId, actor: SYSTEM }, ports);
  if (check.outcome === 'ok' || check.outcome === 'rejected') return;
  throw retryLater('provider_unavailable', `${name} could not verify the refresh token just now.`, 60);
}
