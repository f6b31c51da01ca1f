import {
  readServing,
  type Storage,
  type StoredEntry,
  type StoredItem,
  type StoredSecret,
  type StoredState,
  storeOf,
} from './stored-state.ts';

/** Returns true if the secret holds the verified credentials of the creation or reconnect that the entry records. */
export type HoldsCredentialsOf = (secret: string, entry: StoredEntry) => boolean;

/**
 * Returns every violation, in words, of what must hold once the sweeper and the stream workers are through, whatever
 * happened before.
 */
export async function invariantViolations(
  state: StoredState,
  storage: Storage,
  holdsCredentialsOf: HoldsCredentialsOf,
): Promise<readonly string[]> {
  return [
    ...leftovers(state),
    ...secretViolations(state),
    ...expiringListViolations(state),
    ...countViolations(state),
    ...linkViolations(state),
    ...[...state.history].flatMap(([id, entries]) => historyViolations(id, entries, state)),
    ...(await servingViolations(state, storage, holdsCredentialsOf)),
  ];
}

/**
 * Returns every violation, in words, of what must hold at every moment, between any two calls: the version that serves
 * exists, holds the verified credentials of the last creation or reconnect, and is promoted or is to be promoted.
 */
export async function servingViolations(
  { connections, secrets, history }: StoredState,
  storage: Storage,
  holdsCredentialsOf: HoldsCredentialsOf,
): Promise<readonly string[]> {
  const violations = connections.map(async (connection) => {
    const { id, item } = connection;
    const { credentialsVersion, promotionPending } = item;
    const labels = secretOf(connection, secrets)?.labels[credentialsVersion] ?? [];
    const isPromoted = labels.includes('AWSCURRENT');
    const last = (history.get(id) ?? []).findLast(({ type }) => type === 'created' || type === 'reconnected');
    const secret = await readServing(storage, connection);
    const isRight = secret !== undefined && last !== undefined && holdsCredentialsOf(secret, last);
    return [
      ...(isPromoted || promotionPending ? [] : [`${id} serves a version labeled [${labels}], unnoticed`]),
      ...(secret === undefined ? [`${id} serves a version that cannot be read`] : []),
      ...(secret === undefined || isRight ? [] : [`${id} serves other credentials than were ${last?.type}`]),
    ];
  });
  return (await Promise.all(violations)).flat();
}

/** No lease, no pending promotion, no intent, no unknown item. */
function leftovers({ connections, intents, unknownItems, history }: StoredState): string[] {
  return [
    ...intents.map((id) => `an intent of ${id} is left`),
    ...unknownItems.map((key) => `an item is left: ${key}`),
    ...connections.flatMap(({ id, attributes }) =>
      ['lease', 'promotionPending', 'recoverAt', 'recoveryKey']
        .filter((attribute) => attribute in attributes)
        .map((attribute) => `${id} still has ${attribute}`),
    ),
    ...connections.filter(({ id }) => !history.has(id)).map(({ id }) => `${id} has no history`),
  ];
}

/** Returns the credentials of a connection in the store that it names. */
function secretOf({ id, item }: StoredItem, secrets: readonly StoredSecret[]): StoredSecret | undefined {
  return secrets.find(({ connectionId, store }) => connectionId === id && store === storeOf(item));
}

/** Credentials belong to a connection, or are scheduled for deletion; AWSCURRENT is on the version that serves. */
function secretViolations({ connections, secrets }: StoredState): string[] {
  const own = new Set(connections.map((connection) => secretOf(connection, secrets)));
  const orphans = secrets
    .filter((secret) => !own.has(secret))
    // An interrupted migration leaves a copy, which the next one takes over and a disconnect removes.
    .filter(({ connectionId }) => !connections.some(({ id }) => id === connectionId))
    .filter(({ isScheduledForDeletion }) => !isScheduledForDeletion)
    .map(({ connectionId, store }) => `the ${store} credentials of ${connectionId} are an orphan`);
  const ofConnections = connections.flatMap((connection) => {
    const { id, item } = connection;
    const secret = secretOf(connection, secrets);
    if (!secret) return [`${id} has no secret`];
    const labels = secret.labels[item.credentialsVersion] ?? [];
    return [
      ...(secret.isScheduledForDeletion ? [`the secret of ${id} is scheduled for deletion`] : []),
      ...(labels.includes('AWSCURRENT') ? [] : [`${id} serves a version labeled [${labels}]`]),
    ];
  });
  return [...orphans, ...ofConnections];
}

/** The list of expiring connections has the active ones whose first reminder is past. */
function expiringListViolations({ connections }: StoredState): string[] {
  return connections.flatMap(({ id, item: { summary, reminder }, attributes }) => {
    const isExpiring =
      summary.status === 'active' && summary.expiresAt !== null && reminder?.daysAhead !== 14;
    if ('expiringKey' in attributes === isExpiring) return [];
    return [`${id} is ${isExpiring ? 'missing from' : 'in'} the list of expiring connections`];
  });
}

function countViolations({ connections, counts }: StoredState): string[] {
  const projects = new Set([...counts.keys(), ...connections.map(({ projectId }) => projectId)]);
  return [...projects].flatMap((projectId) => {
    const own = connections.filter((connection) => connection.projectId === projectId);
    const activeCount = own.filter(({ item }) => item.summary.status === 'active').length;
    const actual = JSON.stringify([own.length, activeCount, own.length - activeCount]);
    const { total = 0, active = 0, inactive = 0 } = counts.get(projectId) ?? {};
    const stored = JSON.stringify([total, active, inactive]);
    return stored === actual ? [] : [`${projectId} counts ${stored} and has ${actual}`];
  });
}

/** Steps, uses and `flowCount` agree, and every step's connection exists. */
function linkViolations({ connections, flows, steps, uses }: StoredState): string[] {
  const existing = new Set(connections.map(({ id }) => id));
  const bySteps = new Set(steps.map(({ flow, connectionId }) => `${connectionId} in ${flow.split('/')[1]}`));
  const byUses = new Set(uses.map(({ connectionId, flowId }) => `${connectionId} in ${flowId}`));
  return [
    ...steps.filter(({ flow }) => !flows.has(flow)).map(({ flow }) => `a step of ${flow} is left`),
    ...steps
      .filter(({ connectionId }) => !existing.has(connectionId))
      .map(({ connectionId }) => `a step uses ${connectionId}, which does not exist`),
    ...[...bySteps.difference(byUses)].map((use) => `no use of ${use}`),
    ...[...byUses.difference(bySteps)].map((use) => `no step for the use of ${use}`),
    ...connections.flatMap(({ id, item }) => {
      const { length } = uses.filter(({ connectionId }) => connectionId === id);
      const { flowCount } = item.summary;
      return length === flowCount && length > 0
        ? []
        : [`${id} has ${length} uses and flowCount ${flowCount}`];
    }),
  ];
}

/** The part of a connection that its history determines. */
interface Replayed {
  name: string;
  status: string;
  version: number;
  readonly steps: Set<string>;
  isDisconnected: boolean;
}

/** Replays a history from its beginning; it must end in the stored connection: no change is missing or recorded twice. */
function historyViolations(id: string, entries: readonly StoredEntry[], state: StoredState): string[] {
  const replayed: Replayed = {
    name: '',
    status: 'active',
    version: 0,
    steps: new Set(),
    isDisconnected: false,
  };
  const violations = entries.flatMap((entry, index) => {
    const previous = entries[index - 1];
    return [
      ...(replayed.isDisconnected ? [`${entry.type} after disconnected`] : []),
      ...((entry.type === 'created') === (index === 0) ? [] : [`${entry.type} is entry ${index}`]),
      ...(previous && previous.at > entry.at ? [`${entry.type} goes back in time`] : []),
      ...replay(replayed, entry, entries[index + 1]),
    ];
  });
  const stored = state.connections.find((connection) => connection.id === id);
  if (replayed.isDisconnected === (stored !== undefined)) violations.push(stored ? 'exists' : 'is missing');
  if (stored && !replayed.isDisconnected) violations.push(...differences(replayed, stored, state));
  return violations.map(
    (violation) => `${id}: ${violation}, by ${entries.map(({ type }) => type).join(', ')}`,
  );
}

function differences(replayed: Replayed, { id, item }: StoredItem, { steps }: StoredState): string[] {
  const { name, status, version } = item.summary;
  const own = steps.filter(({ connectionId }) => connectionId === id).map(stepName);
  const stored = JSON.stringify([name, status, version, own.sort()]);
  const expected = JSON.stringify([
    replayed.name,
    replayed.status,
    replayed.version,
    [...replayed.steps].sort(),
  ]);
  return stored === expected ? [] : [`is ${stored}, and ${expected} by its history`];
}

/** Applies an entry, and returns where it contradicts the ones before it. */
function replay(replayed: Replayed, entry: StoredEntry, next: StoredEntry | undefined): string[] {
  const { type, from, to } = entry;
  const { name, status } = replayed;
  switch (type) {
    case 'created':
      replayed.name = entry.name;
      replayed.status = to?.status ?? 'active';
      replayed.version = 1;
      return [];
    case 'renamed':
      replayed.name = to?.name ?? '';
      replayed.version += 1;
      return from?.name === name ? [] : [`renamed from ${from?.name}, not ${name}`];
    case 'reconnected':
      replayed.version += 1;
      return [];
    case 'status_changed':
      replayed.status = to?.status ?? '';
      // A reconnect that changes the status is one change with two entries.
      if (next?.type !== 'reconnected' || !isSameOperation(entry, next)) replayed.version += 1;
      return from?.status === status ? [] : [`changed from ${from?.status}, not ${status}`];
    case 'linked':
    case 'unlinked':
      return replayLink(replayed, entry);
    case 'disconnected':
      replayed.isDisconnected = true;
      return replayed.steps.size > 0 ? ['disconnected while in use'] : [];
    default:
      return [];
  }
}

function isSameOperation(one: StoredEntry, other: StoredEntry): boolean {
  return (
    one.correlationId === other.correlationId && JSON.stringify(one.actor) === JSON.stringify(other.actor)
  );
}

function replayLink(replayed: Replayed, { type, from, to }: StoredEntry): string[] {
  const { flowId = '', stepId = '' } = (type === 'linked' ? to : from) ?? {};
  const step = stepName({ flow: flowId, stepId });
  const isRepeated = replayed.steps.has(step) === (type === 'linked');
  const before = flowsOf(replayed.steps);
  if (type === 'linked') replayed.steps.add(step);
  else replayed.steps.delete(step);
  // The first link belongs to the creation.
  if (before !== flowsOf(replayed.steps) && before > 0) replayed.version += 1;
  return isRepeated ? [`${type} ${step} twice`] : [];
}

function stepName({ flow, stepId }: { readonly flow: string; readonly stepId: string }): string {
  return `${flow.split('/').at(-1)}/${stepId}`;
}

function flowsOf(steps: ReadonlySet<string>): number {
  return new Set([...steps].map((step) => step.split('/')[0])).size;
}
