import type { Connection } from '../connections/connection.ts';
import type { HistoryChange } from '../connections/history.ts';
import type { StoredConnection } from '../connections/stored.ts';
import type { Change } from '../unit-of-work.ts';
import { type Flow, type Integration, usesConnection, withIntegration, withoutIntegration } from './flow.ts';

/** What linking or unlinking a step changes, and what is told of it. */
export interface StepLinkChange {
  readonly flow: Change<Flow>;
  readonly connections: readonly Change<StoredConnection>[];
  readonly changes: readonly { readonly connection: Connection; readonly change: HistoryChange }[];
}

/**
 * Takes a step off the connection it was linked to. `flowCount` falls with the last step of the flow; with the
 * last flow the connection is disconnected.
 */
export function unlinkStep(
  flow: Flow,
  stepId: string,
  current: StoredConnection,
  at: string,
): StepLinkChange {
  const after = withoutIntegration(flow, stepId);
  return { flow: { before: flow, after }, ...release(current, { flow: after, stepId, at }) };
}

/** Links a step to an existing connection, and takes it off the one that it was linked to. */
export function linkStep(
  flow: Flow,
  stepId: string,
  { target, current, at }: { target: StoredConnection; current: StoredConnection | null; at: string },
): StepLinkChange {
  const after = withIntegration(flow, integrationOf(stepId, target.connection));
  const gained = usesConnection(flow, target.connection.id) ? target : counted(target, 1, at);
  const released = current ? release(current, { flow: after, stepId, at }) : NOTHING;
  return {
    flow: { before: flow, after },
    connections: [...(gained === target ? [] : [{ before: target, after: gained }]), ...released.connections],
    changes: [...released.changes, linked(gained.connection, flow, stepId)],
  };
}

/** Links a step to the connection that it just made, and takes it off the one that it was linked to. */
export function linkStepToNew(
  flow: Flow,
  stepId: string,
  { made, current, at }: { made: StoredConnection; current: StoredConnection | null; at: string },
): StepLinkChange {
  const after = withIntegration(flow, integrationOf(stepId, made.connection));
  const released = current ? release(current, { flow: after, stepId, at }) : NOTHING;
  return {
    flow: { before: flow, after },
    connections: [{ before: null, after: made }, ...released.connections],
    changes: [
      ...released.changes,
      { connection: made.connection, change: { type: 'created', to: { name: made.connection.name } } },
      linked(made.connection, flow, stepId),
    ],
  };
}

const NOTHING: Pick<StepLinkChange, 'connections' | 'changes'> = { connections: [], changes: [] };

function release(
  current: StoredConnection,
  { flow, stepId, at }: { flow: Flow; stepId: string; at: string },
): Pick<StepLinkChange, 'connections' | 'changes'> {
  const { connection } = current;
  const unlinked = {
    connection,
    change: { type: 'unlinked', from: { flowId: flow.id, stepId } },
  } as const;
  if (usesConnection(flow, connection.id)) return { connections: [], changes: [unlinked] };
  if (connection.flowCount > 1) {
    return { connections: [{ before: current, after: counted(current, -1, at) }], changes: [unlinked] };
  }
  return {
    connections: [{ before: current, after: null }],
    changes: [unlinked, { connection, change: { type: 'disconnected' } }],
  };
}

function linked(connection: Connection, flow: Flow, stepId: string): StepLinkChange['changes'][number] {
  return { connection, change: { type: 'linked', to: { flowId: flow.id, stepId } } };
}

function integrationOf(stepId: string, { id, providerId }: Connection): Integration {
  return { stepId, providerId, connectionId: id };
}

function counted(stored: StoredConnection, by: 1 | -1, at: string): StoredConnection {
  const { connection } = stored;
  const flowCount = connection.flowCount + by;
  return {
    ...stored,
    connection: { ...connection, flowCount, updatedAt: at, version: connection.version + 1 },
  };
}
