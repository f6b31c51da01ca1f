/**
 * Every key of the table. Ids of the platform hold no `#`, and `#` sorts before each character that they may
 * hold, so what belongs to `FLOW#f` follows it directly and nothing of `FLOW#f-2` comes between.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Sorts behind every key that begins with what stands before it. */
const END = '~';
/** Between the folded name and the id in a name's key: sorts before anything a name may hold. */
const NAME_END = '\u0001';

const CONNECTION = 'CON#';
const INTENT = 'INTENT#';
const FLOW = 'FLOW#';
const STEP = '#STEP#';
const HISTORY = 'HISTORY#';
const PROJECT = 'PROJECT#';

export const projectPk = (projectId: string) => `${PROJECT}${projectId}`;
export const projectOf = (pk: string) => pk.slice(PROJECT.length);
export const flowsPk = (projectId: string) => `${PROJECT}${projectId}#FLOWS`;
export const userKey = (userId: string) => `USER#${userId}`;

/** Of everything that a sweeper looks for once it is overdue. */
export const RECOVERY_KEY = 'RECOVERY';

/** Of everything that ends some day. */
export const REMINDER_KEY = 'REMINDER';

export const countsKey = (projectId: string): Key => ({ pk: projectPk(projectId), sk: 'COUNTS' });

export const memberKey = (projectId: string, userId: string): Key => ({
  pk: projectPk(projectId),
  sk: `MEMBER#${userId}`,
});

export const connectionKey = (projectId: string, connectionId: string): Key => ({
  pk: projectPk(projectId),
  sk: CONNECTION + connectionId,
});

export const intentKey = (projectId: string, connectionId: string): Key => ({
  pk: projectPk(projectId),
  sk: INTENT + connectionId,
});

/** What an item of the project is, by its sort key. */
export function readProjectSk(sk: string): { kind: 'connection' | 'intent' | 'other'; id: string } {
  if (sk.startsWith(CONNECTION)) return { kind: 'connection', id: sk.slice(CONNECTION.length) };
  if (sk.startsWith(INTENT)) return { kind: 'intent', id: sk.slice(INTENT.length) };
  return { kind: 'other', id: '' };
}

/** The sort keys of all connections of a project, by age. */
export const CONNECTION_SKS = { from: CONNECTION, to: CONNECTION + END } as const;

export const flowKey = (projectId: string, flowId: string): Key => ({
  pk: flowsPk(projectId),
  sk: FLOW + flowId,
});

export const stepKey = (projectId: string, flowId: string, stepId: string): Key => ({
  pk: flowsPk(projectId),
  sk: FLOW + flowId + STEP + stepId,
});

/** The sort keys of a flow and its steps; what comes after the last belongs to the next flow. */
export const flowSks = (flowId: string) => ({ from: FLOW + flowId, to: `${FLOW}${flowId}#${END}` });
export const FLOWS_END = FLOW + END;

/** The flow and, where it is one, the step that a sort key names. */
export function readFlowSk(sk: string): { flowId: string; stepId: string | null } {
  const [flowId = '', stepId = null] = sk.slice(FLOW.length).split(STEP);
  return { flowId, stepId };
}

/** What belongs to a connection and may outlive it: its uses in flows, its history. */
export const connectionPk = (connectionId: string) => CONNECTION + connectionId;

export const useKey = (connectionId: string, flowId: string): Key => ({
  pk: connectionPk(connectionId),
  sk: FLOW + flowId,
});

export const historyKey = (connectionId: string, entryId: string): Key => ({
  pk: connectionPk(connectionId),
  sk: HISTORY + entryId,
});

/** The last check of a connection. */
export const checkKey = (connectionId: string): Key => ({ pk: connectionPk(connectionId), sk: 'CHECK' });

/** A slot of a cadence, with the connections that are checked in it. */
export const checkSlotKey = (cadence: string, slot: number) => `${cadence}#${slot}`;
/** Orders a slot by provider. */
export const checkOrder = (providerId: string, connectionId: string) => `${providerId}#${connectionId}`;
export const providerInOrder = (order: string) => order.slice(0, order.indexOf('#'));

/** How far the scheduler of checks has come. */
export const CHECKPOINT_KEY: Key = { pk: 'CHECKPOINT', sk: 'CHECKS' };

/** The calls that a provider may be sent just now. */
export const tokenBucketKey = (providerId: string): Key => ({ pk: `BUDGET#${providerId}`, sk: 'CALLS' });

export const HISTORY_SKS = { from: HISTORY, to: HISTORY + END } as const;

export const idempotencyKey = (digest: string): Key => ({ pk: `IDEMPOTENCY#${digest}`, sk: 'RECORD' });

/** Orders by folded name, then by id, so that no two connections share a place. */
export const nameKey = (foldedName: string, connectionId: string) => foldedName + NAME_END + connectionId;

/** The folded name in a name's key. */
export const foldedNameOf = (key: string) => key.slice(0, key.indexOf(NAME_END));

/** The partitions of the filtered lists. */
export const listKeys = {
  status: (projectId: string, status: string) => `${projectId}#${status}`,
  provider: (projectId: string, providerId: string) => `${projectId}#${providerId}`,
  providerStatus: (projectId: string, providerId: string, status: string) =>
    `${projectId}#${providerId}#${status}`,
  expiring: (projectId: string) => `${projectId}#expiring`,
  providerExpiring: (projectId: string, providerId: string) => `${projectId}#${providerId}#expiring`,
};

/** The connection's id in a name's key. */
export const connectionIdOf = (key: string) => key.slice(key.indexOf(NAME_END) + NAME_END.length);

/** A record of what is done once; beside the idempotency records, whose digests hold no `#`. */
export const onceKey = (deed: string) => idempotencyKey(`once#${deed}`);
