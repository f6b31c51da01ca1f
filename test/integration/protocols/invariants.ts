import { type Entry, type Kept, type Place, readVersion, type State } from './state.ts';

/** Whether a secret holds the credentials that the entry tells of: those of a creation or of a reconnect. */
export type IsRight = (secret: string, brought: Entry) => boolean;

/**
 * Everything that must hold once the sweeper and the stream's worker are through, whatever happened before; the
 * breaches, in words.
 */
export async function breaches(state: State, place: Place, isRight: IsRight): Promise<readonly string[]> {
  const serving = await Promise.all(
    state.connections.map((kept) => servingBreaches(kept, state, place, isRight)),
  );
  return [
    ...leftovers(state),
    ...secretBreaches(state),
    ...listBreaches(state),
    ...countBreaches(state),
    ...linkBreaches(state),
    ...[...state.history].flatMap(([id, entries]) => historyBreaches(id, entries, state)),
    ...serving.flat(),
  ];
}

/** No mark, no intent, nothing that is not accounted for. */
function leftovers({ connections, intents, others, history }: State): string[] {
  return [
    ...intents.map((id) => `an intent of ${id} is left`),
    ...others.map((key) => `an item is left: ${key}`),
    ...connections.flatMap(({ id, attributes }) =>
      ['lease', 'recoverAt', 'recoveryKey']
        .filter((attribute) => attribute in attributes)
        .map((attribute) => `${id} still has ${attribute}`),
    ),
    ...connections.filter(({ id }) => !history.has(id)).map(({ id }) => `${id} has no history`),
  ];
}

/** A secret belongs to a connection, or is on its way out. */
function secretBreaches({ connections, secrets }: State): string[] {
  const living = new Set(connections.map(({ id }) => id));
  return secrets.flatMap(({ connectionId, scheduledForDeletion }) => {
    if (living.has(connectionId))
      return scheduledForDeletion ? [`the secret of ${connectionId} will go`] : [];
    return scheduledForDeletion ? [] : [`the secret of ${connectionId} is an orphan`];
  });
}

/** The list of what ends soon holds what is active and was announced, or is too near to be. */
function listBreaches({ connections }: State): string[] {
  return connections.flatMap(({ id, item: { summary, reminder }, attributes }) => {
    const ends = summary.status === 'active' && summary.expiresAt !== null && reminder?.daysAhead !== 14;
    if ('expiringKey' in attributes === ends) return [];
    return [`${id} ${ends ? 'is missing from' : 'stands in'} the list of what ends soon`];
  });
}

function countBreaches({ connections, counts }: State): string[] {
  const projects = new Set([...counts.keys(), ...connections.map(({ projectId }) => projectId)]);
  return [...projects].flatMap((projectId) => {
    const own = connections.filter((kept) => kept.projectId === projectId);
    const active = own.filter(({ item }) => item.summary.status === 'active').length;
    const exact = JSON.stringify({ total: own.length, active, inactive: own.length - active });
    const { total = 0, active: shown = 0, inactive = 0 } = counts.get(projectId) ?? {};
    const told = JSON.stringify({ total, active: shown, inactive });
    return told === exact ? [] : [`${projectId} counts ${told} and has ${exact}`];
  });
}

/** Steps, uses and flowCount say the same; a step's connection exists. */
function linkBreaches({ connections, flows, steps, uses }: State): string[] {
  const living = new Set(connections.map(({ id }) => id));
  const bySteps = new Set(steps.map(({ flow, connectionId }) => `${connectionId} in ${flow.split('/')[1]}`));
  const byUses = new Set(uses.map(({ connectionId, flowId }) => `${connectionId} in ${flowId}`));
  return [
    ...steps.filter(({ flow }) => !flows.has(flow)).map(({ flow }) => `a step is left of ${flow}`),
    ...steps
      .filter(({ connectionId }) => !living.has(connectionId))
      .map(({ connectionId }) => `a step uses ${connectionId}, which is gone`),
    ...[...bySteps].filter((use) => !byUses.has(use)).map((use) => `no use of ${use}`),
    ...[...byUses].filter((use) => !bySteps.has(use)).map((use) => `no step for the use of ${use}`),
    ...connections.flatMap(({ id, item }) => {
      const used = uses.filter(({ connectionId }) => connectionId === id).length;
      const { flowCount } = item.summary;
      return used === flowCount && used > 0
        ? []
        : [`${id} is used by ${used} flows, its count says ${flowCount}`];
    }),
  ];
}

interface Replayed {
  name: string;
  status: string;
  version: number;
  readonly steps: Set<string>;
  disconnected: boolean;
}

/** The history, told again from its beginning, ends in what is there: nothing happened untold, or was told twice. */
function historyBreaches(id: string, entries: readonly Entry[], state: State): string[] {
  const faults: string[] = [];
  const told: Replayed = { name: '', status: 'active', version: 0, steps: new Set(), disconnected: false };
  entries.forEach((entry, place) => {
    if (told.disconnected) faults.push(`${entry.type} after disconnected`);
    if ((entry.type === 'created') !== (place === 0)) faults.push(`${entry.type} at place ${place}`);
    replay(told, entry, entries[place + 1], faults);
  });
  const kept = state.connections.find((connection) => connection.id === id);
  if (told.disconnected === (kept !== undefined)) faults.push(`is ${kept ? 'there' : 'gone'}`);
  if (kept && !told.disconnected) {
    const { name, status, version } = kept.item.summary;
    const steps = state.steps.filter(({ connectionId }) => connectionId === id);
    const actual = { name, status, version, steps: steps.map(stepName).sort() };
    const expected = {
      name: told.name,
      status: told.status,
      version: told.version,
      steps: [...told.steps].sort(),
    };
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      faults.push(`is ${JSON.stringify(actual)} and was told to be ${JSON.stringify(expected)}`);
    }
  }
  return faults.map((fault) => `${id}: ${fault}, by ${entries.map(({ type }) => type).join(', ')}`);
}

function replay(told: Replayed, entry: Entry, next: Entry | undefined, faults: string[]): void {
  const { type, from, to } = entry;
  if (type === 'created') {
    told.name = entry.name;
    told.version = 1;
  } else if (type === 'renamed') {
    if (from?.name !== told.name) faults.push(`renamed from ${from?.name}, not ${told.name}`);
    told.name = to?.name ?? '';
    told.version += 1;
  } else if (type === 'reconnected') told.version += 1;
  else if (type === 'status_changed') {
    if (from?.status !== told.status) faults.push(`turned from ${from?.status}, not ${told.status}`);
    told.status = to?.status ?? '';
    // A reconnect that turns the status is one change and tells of both.
    if (next?.type !== 'reconnected' || next.at !== entry.at) told.version += 1;
  } else if (type === 'linked' || type === 'unlinked') relink(told, entry, faults);
  else if (type === 'disconnected') {
    if (told.steps.size > 0) faults.push('disconnected while in use');
    told.disconnected = true;
  }
}

function relink(told: Replayed, { type, from, to, at }: Entry, faults: string[]): void {
  const { flowId = '', stepId = '' } = (type === 'linked' ? to : from) ?? {};
  const step = stepName({ flow: flowId, stepId });
  if (told.steps.has(step) === (type === 'linked')) faults.push(`${type} ${step} twice (${at})`);
  const first = told.steps.size === 0;
  const before = new Set([...told.steps].map(flowOf)).size;
  if (type === 'linked') told.steps.add(step);
  else told.steps.delete(step);
  const after = new Set([...told.steps].map(flowOf)).size;
  if (before !== after && !first) told.version += 1;
}

function stepName({ flow, stepId }: { readonly flow: string; readonly stepId: string }): string {
  return `${flow.split('/').at(-1)}/${stepId}`;
}

function flowOf(step: string): string {
  return step.split('/')[0] ?? '';
}

/** The version that the item names is there, labelled, and holds what the history says was brought last. */
async function servingBreaches(
  { id, item }: Kept,
  { secrets, history }: State,
  place: Place,
  isRight: IsRight,
): Promise<string[]> {
  const secret = secrets.find(({ connectionId }) => connectionId === id);
  if (!secret) return [`${id} has no secret`];
  const faults: string[] = [];
  const labels = secret.stages[item.secretVersion] ?? [];
  if (!labels.includes('AWSCURRENT')) faults.push(`${id} serves a version labelled [${labels}]`);
  const brought = (history.get(id) ?? []).findLast(
    ({ type }) => type === 'created' || type === 'reconnected',
  );
  const serving = await readVersion(place, id, item.secretVersion);
  if (serving === undefined) faults.push(`${id} serves a version that cannot be read`);
  else if (!brought || !isRight(serving, brought))
    faults.push(`${id} serves other credentials than were ${brought?.type}`);
  return faults;
}
