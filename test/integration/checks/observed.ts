import type { Entry, State } from '../protocols/state.ts';
import { flowsOf, living, type Model, type Modelled } from './model.ts';

/** What can be seen of a connection: in the table, or in a model. */
interface Seen {
  readonly by: string;
  readonly history: readonly string[];
  /** Left out of one that is gone. */
  readonly now?: {
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

export interface Sight {
  readonly connections: readonly Seen[];
  readonly counts: { readonly total: number; readonly active: number; readonly inactive: number };
}

const byName = (a: Seen, b: Seen) => (a.by < b.by ? -1 : 1);

/** What should be there. */
export function expectedOf(model: Model): Sight {
  const present = living(model);
  const active = present.filter(({ status }) => status === 'active').length;
  return {
    connections: model.connections.map(expected).sort(byName),
    counts: { total: present.length, active, inactive: present.length - active },
  };
}

function expected(connection: Modelled): Seen {
  const { by, history, steps, name, status, reason, version, account, expiresAt, reminder } = connection;
  if (steps.length === 0) return { by, history };
  const flows = flowsOf(connection);
  const now = {
    name,
    status,
    reason,
    version,
    flows,
    steps: steps.toSorted(),
    account,
    expiresAt,
    reminder,
  };
  return { by, history, now };
}

/** What is there. */
export function observedIn(state: State): Sight {
  const [counts] = [...state.counts.values()];
  const { total = 0, active = 0, inactive = 0 } = counts ?? {};
  const connections = [...state.history].map(([id, entries]) => observed(id, entries, state));
  return { connections: connections.sort(byName), counts: { total, active, inactive } };
}

function observed(id: string, entries: readonly Entry[], state: State): Seen {
  const actor = entries[0]?.actor;
  const by = actor?.type === 'user' ? actor.id : '';
  const history = entries.map(lineOf);
  const item = state.connections.find((kept) => kept.id === id)?.item;
  if (!item) return { by, history };
  const { name, status, statusReason, version, flowCount, account, expiresAt } = item.summary;
  const steps = state.steps
    .filter(({ connectionId }) => connectionId === id)
    .map(({ flow, stepId }) => `${flow.split('/').at(-1)}/${stepId}`);
  const now = {
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
  return { by, history, now };
}

function lineOf({ type, from, to, reason, flows, actor }: Entry): string {
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
