import type { Connection } from '../connections/connection.ts';
import type { Happening } from '../connections/history.ts';
import type { StoredConnection } from '../connections/stored.ts';
import type { Change } from '../unit-of-work.ts';
import { type Flow, type Integration, usesConnection, withIntegration, withoutIntegration } from './flow.ts';

/** What linking or unlinking a step changes, and what is told of it. */
export interface Relinking {
  readonly flow: Change<Flow>;
  readonly connections: readonly Change<StoredConnection>[];
  readonly happenings: readonly { readonly connection: Connection; readonly happening: Happening }[];
}

/**
 * Takes a step off the connection it was linked to. `flowCount` falls with the last step of the flow; with the
 * last flow the connection is disconnected.
 */
export function unlinkStep(flow: Flow, stepId: string, held: StoredConnection, at: string): Relinking {
  const after = withoutIntegration(flow, stepId);
  return { flow: { before: flow, after }, ...release(held, { flow: after, stepId, at }) };
}

/** Links a step to an existing connection, and takes it off the one that it was linked to. */
export function linkStep(
  flow: Flow,
  stepId: string,
  { target, held, at }: { target: StoredConnection; held: StoredConnection | null; at: string },
): Relinking {
  const after = withIntegration(flow, integrationOf(stepId, target.connection));
  const gained = usesConnection(flow, target.connection.id) ? target : counted(target, 1, at);
  const released = held ? release(held, { flow: after, stepId, at }) : NOTHING;
  return {
    flow: { before: flow, after },
    connections: [...(gained === target ? [] : [{ before: target, after: gained }]), ...released.connections],
    happenings: [...released.happenings, linked(gained.connection, flow, stepId)],
  };
}

/** Links a step to the connection that it just made, and takes it off the one that it was linked to. */
export function linkStepToNew(
  flow: Flow,
  stepId: string,
  { made, held, at }: { made: StoredConnection; held: StoredConnection | null; at: string },
): Relinking {
  const after = withIntegration(flow, integrationOf(stepId, made.connection));
  const released = held ? release(held, { flow: after, stepId, at }) : NOTHING;
  return {
    flow: { before: flow, after },
    connections: [{ before: null, after: made }, ...released.connections],
    happenings: [
      ...released.happenings,
      { connection: made.connection, happening: { type: 'created', to: { name: made.connection.name } } },
      linked(made.connection, flow, stepId),
    ],
  };
}

const NOTHING: Pick<Relinking, 'connections' | 'happenings'> = { connections: [], happenings: [] };

function release(
  held: StoredConnection,
  { flow, stepId, at }: { flow: Flow; stepId: string; at: string },
): Pick<Relinking, 'connections' | 'happenings'> {
  const { connection } = held;
  const unlinked = {
    connection,
    happening: { type: 'unlinked', from: { flowId: flow.id, stepId } },
  } as const;
  if (usesConnection(flow, connection.id)) return { connections: [], happenings: [unlinked] };
  if (connection.flowCount > 1) {
    return { connections: [{ before: held, after: counted(held, -1, at) }], happenings: [unlinked] };
  }
  return {
    connections: [{ before: held, after: null }],
    happenings: [unlinked, { connection, happening: { type: 'disconnected' } }],
  };
}

function linked(connection: Connection, flow: Flow, stepId: string): Relinking['happenings'][number] {
  return { connection, happening: { type: 'linked', to: { flowId: flow.id, stepId } } };
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
