import { invalid } from '../errors.ts';
import type { Connection, FindConnectionPort, StoredConnection } from '../model/connection.ts';
import {
  type FindFlowPort,
  type Flow,
  type Integration,
  usesConnection,
  withIntegration,
  withoutIntegration,
} from '../model/flow.ts';
import { type Actor, type HistoryChange, historyEntry } from '../model/history.ts';
import type { Change, CommitPort, UnitOfWork } from '../model/unit-of-work.ts';
import type { OperationContext } from '../operation-context.ts';

/** Ports of every operation that links or unlinks steps. */
export type LinkPorts = FindConnectionPort & FindFlowPort & CommitPort & OperationContext;

/** Everything that linking or unlinking a step changes. */
export interface StepLinkChange {
  readonly flow: Change<Flow>;
  readonly connections: readonly Change<StoredConnection>[];
  readonly changes: readonly { readonly connection: Connection; readonly change: HistoryChange }[];
}

/** Returns the unit of work that commits a link change with its history. */
export function toUnitOfWork(
  { flow, connections, changes }: StepLinkChange,
  actor: Actor,
  context: Pick<OperationContext, 'clock' | 'ids' | 'correlationId'>,
): UnitOfWork {
  const history = changes.map(({ connection, change }) => historyEntry(connection, change, actor, context));
  return { flow, connections, history };
}

/**
 * Unlinks a step from its current connection. `flowCount` falls with the flow's last step that uses the connection; the
 * last use in any flow disconnects it.
 */
export function unlinkStep(
  flow: Flow,
  stepId: string,
  current: StoredConnection,
  at: string,
): StepLinkChange {
  const after = withoutIntegration(flow, stepId);
  return { flow: { before: flow, after }, ...unlinked(current, { flow: after, stepId, at }) };
}

/** Links a step to an existing connection, and unlinks it from its current one. */
export function linkStep(
  flow: Flow,
  stepId: string,
  { target, current, at }: { target: StoredConnection; current: StoredConnection | null; at: string },
): StepLinkChange {
  const after = withIntegration(flow, toIntegration(stepId, target.connection));
  const gained = usesConnection(flow, target.connection.id) ? target : withFlowCount(target, 1, at);
  const lost = current ? unlinked(current, { flow: after, stepId, at }) : NO_CHANGE;
  return {
    flow: { before: flow, after },
    connections: [...(gained === target ? [] : [{ before: target, after: gained }]), ...lost.connections],
    changes: [...lost.changes, linked(gained.connection, flow, stepId)],
  };
}

/** Links a step to a connection created in the same commit, and unlinks it from its current one. */
export function linkStepToNew(
  flow: Flow,
  stepId: string,
  { created, current, at }: { created: StoredConnection; current: StoredConnection | null; at: string },
): StepLinkChange {
  const { connection } = created;
  const after = withIntegration(flow, toIntegration(stepId, connection));
  const lost = current ? unlinked(current, { flow: after, stepId, at }) : NO_CHANGE;
  return {
    flow: { before: flow, after },
    connections: [{ before: null, after: created }, ...lost.connections],
    changes: [
      ...lost.changes,
      { connection, change: createdChange(connection) },
      linked(connection, flow, stepId),
    ],
  };
}

const NO_CHANGE: Pick<StepLinkChange, 'connections' | 'changes'> = { connections: [], changes: [] };

function unlinked(
  current: StoredConnection,
  { flow, stepId, at }: { flow: Flow; stepId: string; at: string },
): Pick<StepLinkChange, 'connections' | 'changes'> {
  const { connection } = current;
  const change = { connection, change: { type: 'unlinked', from: { flowId: flow.id, stepId } } } as const;
  if (usesConnection(flow, connection.id)) return { connections: [], changes: [change] };
  if (connection.flowCount > 1) {
    return { connections: [{ before: current, after: withFlowCount(current, -1, at) }], changes: [change] };
  }
  return {
    connections: [{ before: current, after: null }],
    changes: [change, { connection, change: { type: 'disconnected' } }],
  };
}

/** An imported connection may be inactive from its beginning. */
function createdChange({ name, status, statusReason }: Connection): HistoryChange {
  if (status === 'active') return { type: 'created', to: { name } };
  return { type: 'created', to: { name, status }, reason: statusReason };
}

/** @throws DomainError `invalid_request` for a step that is linked already: an import takes no step over. */
export function requireFreeStep(current: StoredConnection | null, stepId: string): void {
  if (current === null) return;
  throw invalid([{ path: 'flows', message: `the step ${stepId} is linked to another connection` }]);
}

function linked(connection: Connection, flow: Flow, stepId: string): StepLinkChange['changes'][number] {
  return { connection, change: { type: 'linked', to: { flowId: flow.id, stepId } } };
}

function toIntegration(stepId: string, { id, providerId }: Connection): Integration {
  return { stepId, providerId, connectionId: id };
}

function withFlowCount(stored: StoredConnection, difference: 1 | -1, at: string): StoredConnection {
  const { connection } = stored;
  const flowCount = connection.flowCount + difference;
  return {
    ...stored,
    connection: { ...connection, flowCount, updatedAt: at, version: connection.version + 1 },
  };
}
