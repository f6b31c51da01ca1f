import type { RunReport } from '../../shared/domain/batches.ts';
import { checkConnection } from '../../shared/domain/checks/check.ts';
import { announceExpiry } from '../../shared/domain/connections/announce-expiry.ts';
import { createConnection } from '../../shared/domain/connections/create.ts';
import { migrateCredentials } from '../../shared/domain/connections/migrate.ts';
import { reconnect } from '../../shared/domain/connections/reconnect.ts';
import { renameConnection } from '../../shared/domain/connections/rename.ts';
import { sweep } from '../../shared/domain/connections/sweep.ts';
import { enteredCredentials } from '../../shared/domain/credentials/accept.ts';
import { versionOf } from '../../shared/domain/credentials/store.ts';
import { DomainError, type ErrorCode } from '../../shared/domain/errors.ts';
import { linkIntegration, unlinkIntegration } from '../../shared/domain/flows/link.ts';
import { removeFlow } from '../../shared/domain/flows/remove.ts';
import { saveFlow } from '../../shared/domain/flows/save.ts';
import { linkStepToNew, toUnitOfWork } from '../../shared/domain/flows/step-links.ts';
import type { Connection, StoredConnection } from '../../shared/domain/model/connection.ts';
import { reminderAfter } from '../../shared/domain/model/expiry.ts';
import type { Flow } from '../../shared/domain/model/flow.ts';
import { DAY_SECONDS, timestamp } from '../../shared/domain/operation-context.ts';
import { advanceDeletions } from '../../shared/domain/projects/advance.ts';
import { deleteProject } from '../../shared/domain/projects/delete.ts';
import { newConnection, newStoredConnection } from './connections.ts';
import { otherStore } from './credential-store.ts';
import { PROJECT, type SimulatedDeployment } from './deployment.ts';
import type { Fault } from './fault-injector.ts';
import type { Ports } from './process.ts';
import { accountOf, credentialsNamed } from './simulated-providers.ts';
import { countEntries, type StoredState, storeOf } from './stored-state.ts';

/** An operation of the domain with everything but the ports of the process that runs it. */
export interface Operation {
  run(ports: Ports): Promise<unknown>;
  /** Returns how often the operation took effect; absent where that cannot be counted. */
  readonly count?: (state: StoredState) => number;
}

/** Longer than a lease lasts, which is 60 s. */
export const LEASE_EXPIRED_SECONDS = 61;

/** The provider of connections for which none is given. */
export const PROVIDER = 'trello';

const SOMEONE = userNamed('someone');

/** Returns the actor for a name. Credentials have the name of the user who enters them, so the history identifies both. */
export function userNamed(name: string) {
  return { type: 'user', id: name } as const;
}

const flowRef = (flowId: string) => ({ projectId: PROJECT, flowId });
const connectionRef = (connectionId: string) => ({ projectId: PROJECT, connectionId, expected: null });

export interface CreateOptions {
  readonly flow?: string;
  readonly user?: string;
  readonly providerId?: string;
  readonly expiresAt?: string | undefined;
}

/** Creates a flow without faults. */
export async function addFlow({ faultless }: SimulatedDeployment, flow: string): Promise<void> {
  await saveFlow({ ...flowRef(flow), name: flow }, faultless);
}

/**
 * Creates a connection without faults, in a flow of its own that is created with it, and returns its id. Commits what a
 * creation commits, but calls neither provider nor recovery, because most tests only need the result.
 */
export async function addConnection(
  { providers, faultless }: SimulatedDeployment,
  {
    user = 'old',
    flow: flowId = user === 'old' ? 'flow' : `flow-${user}`,
    providerId = PROVIDER,
    expiresAt = null,
  }: Omit<CreateOptions, 'expiresAt'> & { readonly expiresAt?: string | null } = {},
): Promise<string> {
  const { ids, clock, unitOfWork, credentials } = faultless;
  providers.accept(providerId, user, { isVerified: true });
  const credentialsVersion = ids.next();
  const at = timestamp(clock.now());
  const connection: Connection = {
    ...newConnection(at),
    ...{ id: `con_${credentialsVersion}`, projectId: PROJECT, providerId, name: user, createdBy: user },
    ...{ account: accountOf(user), expiresAt },
  };
  const reminder = reminderAfter(new Date(at), expiresAt);
  const created: StoredConnection = {
    ...newStoredConnection(connection),
    ...{ credentialsVersion, credentialStore: credentials.storeOfNew, cadence: 'hour', reminder },
  };
  const empty: Flow = { projectId: PROJECT, id: flowId, name: flowId, integrations: [], revision: 0 };
  const linkChange = linkStepToNew(empty, 'step', { created, current: null, at });
  await credentials.create(versionOf(created), credentialsNamed(providerId, user), providerId);
  const flow = { before: null, after: linkChange.flow.after ?? empty };
  await unitOfWork.commit(toUnitOfWork({ ...linkChange, flow }, userNamed(user), faultless));
  return connection.id;
}

/** Creates a connection with credentials that the provider accepts. */
export function creationOf(
  { providers }: SimulatedDeployment,
  { flow = 'flow', user = 'new', providerId = PROVIDER, expiresAt }: CreateOptions = {},
) {
  providers.accept(providerId, user);
  const credentials = credentialsNamed(providerId, user);
  const request = { ...flowRef(flow), stepId: 'step', providerId, name: user, actor: userNamed(user) };
  return {
    run: (ports: Ports) =>
      createConnection({ ...request, source: enteredCredentials({ credentials, expiresAt }, ports) }, ports),
    count: countOf(({ type, actor }) => type === 'created' && isUser(actor, user)),
  };
}

/** Reconnects with other credentials that the provider accepts. */
export function reconnectOf({ providers }: SimulatedDeployment, id: string, user: string) {
  providers.accept(PROVIDER, user);
  const credentials = credentialsNamed(PROVIDER, user);
  const request = { ...connectionRef(id), allowAccountChange: false, actor: userNamed(user) };
  return {
    run: (ports: Ports) =>
      reconnect({ ...request, source: enteredCredentials({ credentials }, ports) }, ports),
    count: countOf(({ type, actor }) => type === 'reconnected' && isUser(actor, user)),
  };
}

export function renameOf(id: string, name: string) {
  return {
    run: (ports: Ports) => renameConnection({ ...connectionRef(id), name, actor: SOMEONE }, ports),
    count: countOf(({ type, to }) => type === 'renamed' && to?.name === name),
  };
}

export function checkOf(id: string) {
  return {
    run: (ports: Ports) => checkConnection({ ...connectionRef(id), actor: { type: 'system' } }, ports),
    count: countOf(({ type }) => type === 'status_changed'),
  };
}

export function linkOf(id: string, flow: string, stepId = 'step') {
  const link = { ...flowRef(flow), stepId, providerId: PROVIDER, connectionId: id, actor: SOMEONE };
  return {
    run: (ports: Ports) => linkIntegration(link, ports),
    count: countOf(({ type, to }) => type === 'linked' && to?.flowId === flow),
  };
}

export function unlinkOf(flow: string, stepId = 'step') {
  const unlink = { ...flowRef(flow), stepId, expected: null, actor: SOMEONE };
  return {
    run: (ports: Ports) => unlinkIntegration(unlink, ports),
    count: countOf(({ type, from }) => type === 'unlinked' && from?.flowId === flow),
  };
}

/** Unlinks the last step of a connection, and retires its credentials as the stream worker does. */
export function disconnectOf(id: string, flow = 'flow') {
  return {
    async run(ports: Ports) {
      await unlinkOf(flow).run(ports);
      const store = ports.credentials.storeOfNew;
      await ports.credentials.retire({ projectId: PROJECT, connectionId: id, store });
    },
    count: countOf(({ type }) => type === 'disconnected'),
  };
}

/** Moves a connection's credentials to the other store. */
export function migrationOf(connectionId: string) {
  const to = otherStore();
  return {
    async run(ports: Ports): Promise<void> {
      await migrateCredentials({ projectId: PROJECT, connectionId }, to, ports);
    },
    /** 1 if the new store serves, and the copy in the old one is retired. */
    count({ connections, secrets }: StoredState): number {
      const { item } = connections.find(({ id }) => id === connectionId) ?? {};
      const copies = secrets.filter((copy) => copy.connectionId === connectionId && copy.store !== to);
      const isRetired = copies.every(({ isScheduledForDeletion }) => isScheduledForDeletion);
      return Number(item !== undefined && storeOf(item) === to && isRetired);
    },
  };
}

/** Days after which a deleted project cannot be restored. */
const RECOVERY_DAYS = 7;

/** Deletes the project, and disables its connections. */
export const DELETION: Operation = {
  async run(ports) {
    await deleteProject(PROJECT, ports);
    await throwFailures(advanceDeletions(ports));
  },
};

/** Lets the recovery window of a deleted project pass, and everything that follows happen without faults. */
export async function endDeletion(deployment: SimulatedDeployment): Promise<void> {
  const { faultless } = deployment;
  for (const days of [0, RECOVERY_DAYS, 1]) {
    deployment.advance(days * DAY_SECONDS);
    await throwFailures(advanceDeletions(faultless));
    // The stream worker revokes grants while there are data keys.
    await deployment.recover();
  }
}

export function flowRemovalOf(flow: string) {
  return {
    run: (ports: Ports) => removeFlow({ ...flowRef(flow), actor: SOMEONE }, ports),
    count: (state: StoredState) => Number(!state.flows.has(`${PROJECT}/${flow}`)),
  };
}

/** Runs the sweeper, and fails when an item fails, as the schedule does. */
export const SWEEP = { run: (ports: Ports) => throwFailures(sweep(ports)) };

/** Announces due expiry reminders, and fails when one fails, as the schedule does. */
export const ANNOUNCEMENT = {
  run: (ports: Ports) => throwFailures(announceExpiry(ports)),
  count: countOf(({ type }) => type === 'expiring'),
};

async function throwFailures(run: Promise<RunReport<unknown>>): Promise<void> {
  const { failures } = await run;
  for (const { error } of failures) throw error;
}

function countOf(matches: Parameters<typeof countEntries>[1]) {
  return (state: StoredState) => countEntries(state, matches);
}

function isUser(actor: { readonly type: string; readonly id?: string }, name: string): boolean {
  return actor.type === 'user' && actor.id === name;
}

/** Returns true for a refusal with one of these codes. */
export function isRefusal(error: unknown, codes: readonly ErrorCode[] = []): boolean {
  return error instanceof DomainError && codes.includes(error.code);
}

/**
 * Runs an operation in a process that crashes at the selected call.
 *
 * @throws Error when the operation ends before that call.
 */
export async function crashAt(
  deployment: SimulatedDeployment,
  at: Fault['at'],
  kind: 'crash_before' | 'crash_after',
  operation: Operation,
): Promise<void> {
  const { ports, injector } = deployment.process({ faults: [{ at, kind, lasting: false }] });
  await operation.run(ports).catch((error: unknown) => {
    if (!injector.crashed) throw error;
  });
  if (!injector.crashed) throw new Error(`The operation made no call ${JSON.stringify(at)}.`);
}

/** Adds a connection, and a reconnect of it that crashed at the selected call. */
export async function addWithCrashedReconnect(
  deployment: SimulatedDeployment,
  at: Fault['at'],
  kind: 'crash_before' | 'crash_after',
): Promise<string> {
  const id = await addConnection(deployment);
  await crashAt(deployment, at, kind, reconnectOf(deployment, id, 'crashed'));
  return id;
}
