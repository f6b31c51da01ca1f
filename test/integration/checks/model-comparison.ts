import type { StoredEntry, StoredState } from '../../harness/stored-state.ts';
import { existing, flowCountOf, type Model, type ModelConnection } from './model.ts';

/** The part of a connection that stored state and model have in common. */
interface ComparedConnection {
  readonly createdBy: string;
  readonly history: readonly string[];
  /** Absent for a disconnected one. */
  readonly current?: {
    readonly name: string;
    readonly status: string;
    readonly reason: string | null;
    readonly version: number;
    readonly flows: number;
    readonly steps: readonly string[];
    readonly account: string;
    readonly expiresAt: number | null;
    readonly reminder: number | null;
  };
}

/** Stored state or model in a form in which the two are equal. */
export interface Comparison {
  readonly connections: readonly ComparedConnection[];
  readonly counts: { readonly total: number; readonly active: number; readonly inactive: number };
}

const sortByCreator = (a: ComparedConnection, b: ComparedConnection) => (a.createdBy < b.createdBy ? -1 : 1);

export function compareModel(model: Model): Comparison {
  const present = existing(model);
  const active = present.filter(({ status }) => status === 'active').length;
  return {
    connections: model.connections.map(fromModel).sort(sortByCreator),
    counts: { total: present.length, active, inactive: present.length - active },
  };
}

function fromModel(connection: ModelConnection): ComparedConnection {
  const { createdBy, history, steps, name, status, reason, version, account, expiresAt, reminder } =
    connection;
  if (steps.length === 0) return { createdBy, history };
  const flows = flowCountOf(connection);
  const rest = { account, expiresAt, reminder };
  return {
    createdBy,
    history,
    current: { name, status, reason, version, flows, steps: steps.toSorted(), ...rest },
  };
}

export function compareStored(state: StoredState): Comparison {
  const [counts] = [...state.counts.values()];
  const { total = 0, active = 0, inactive = 0 } = counts ?? {};
  const connections = [...state.history].map(([id, entries]) => fromStored(id, entries, state));
  return { connections: connections.sort(sortByCreator), counts: { total, active, inactive } };
}

function fromStored(id: string, entries: readonly StoredEntry[], state: StoredState): ComparedConnection {
  const actor = entries[0]?.actor;
  const createdBy = actor?.type === 'user' ? actor.id : '';
  const history = entries.map(describeEntry);
  const item = state.connections.find((connection) => connection.id === id)?.item;
  if (!item) return { createdBy, history };
  const { name, status, statusReason, version, flowCount, account, expiresAt } = item.summary;
  const steps = state.steps
    .filter(({ connectionId }) => connectionId === id)
    .map(({ flow, stepId }) => `${flow.split('/').at(-1)}/${stepId}`);
  const current = {
    name,
    status,
    reason: statusReason,
    version,
    flows: flowCount,
    steps: steps.sort(),
    account: account?.label ?? '',
    expiresAt: expiresAt === null ? null : Date.parse(expiresAt),
    reminder: item.reminder ? Date.parse(item.reminder.at) : null,
  };
  return { createdBy, history, current };
}

/** Describes a history entry in the words of the model. */
function describeEntry({ type, from, to, reason, flows, actor }: StoredEntry): string {
  const parts = [
    type,
    type === 'renamed' && `${from?.name} > ${to?.name}`,
    type === 'linked' && `${to?.flowId}/${to?.stepId}`,
    type === 'unlinked' && `${from?.flowId}/${from?.stepId}`,
    type === 'reconnected' && from && `${from.account} > ${to?.account}`,
    type === 'status_changed' && `${from?.status} > ${to?.status}`,
    reason && `for ${reason}`,
    flows && `in ${flows.count} flows`,
    `by ${actor.type}`,
  ];
  return parts.filter(Boolean).join(' ');
}
