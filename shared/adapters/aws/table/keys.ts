import {
  AUTHORIZATION_PK_PREFIX,
  CONNECTION_SK_PREFIX,
  CREDENTIALS_PK_PREFIX,
  HISTORY_SK_PREFIX,
  IDEMPOTENCY_PK_PREFIX,
  NOTICES_PK_PREFIX,
  PROJECT_KEYS_PK_PREFIX,
  PROJECT_PK_PREFIX,
  REQUESTS_PK_PREFIX,
} from '../../../domain/terms.ts';

/**
 * A primary key of the table. Ids of the platform contain no `#`, and `#` sorts before every character that they may
 * contain, so the items of `FLOW#f` directly follow it, and no item of `FLOW#f-2` comes between.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

const key = (pk: string, sk: string): Key => ({ pk, sk });

/** Sorts after every key with the same prefix. */
const END = '~';
/** Separates folded name and id in a name key: sorts before every character of a name. */
const NAME_END = '\u0001';

const INTENT = 'INTENT#';
const IMPORT = 'IMPORT#';
const PAST = 'PAST#';
const NOTICE = 'NOTICE#';
/** Precedes the user's id in the sort key of a membership. */
export const MEMBER_SK_PREFIX = 'MEMBER#';
const FLOW = 'FLOW#';
const STEP = '#STEP#';
const VERSION = 'VERSION#';
const KEY = 'KEY#';

export const projectPk = (projectId: string) => PROJECT_PK_PREFIX + projectId;
export const projectOf = (pk: string) => pk.slice(PROJECT_PK_PREFIX.length);
export const flowsPk = (projectId: string) => `${PROJECT_PK_PREFIX}${projectId}#FLOWS`;
export const userKey = (userId: string) => `USER#${userId}`;

/** Partition of the index of operations that the sweeper must finish after their time. */
export const RECOVERY_KEY = 'RECOVERY';

/** Partition of the deletions of projects in the index of recovery. */
export const DELETIONS_KEY = 'DELETIONS';

/** Partition of the index of expiry reminders. */
export const REMINDER_KEY = 'REMINDER';

/** Partition of open notice windows in the index of reminders. */
export const NOTICE_WINDOW_KEY = 'NOTICES';

export const noticesPk = (projectId: string) => NOTICES_PK_PREFIX + projectId;
export const projectOfNotices = (pk: string) => pk.slice(NOTICES_PK_PREFIX.length);
export const noticeWindowKey = (projectId: string): Key => key(noticesPk(projectId), 'WINDOW');
export const noticeKey = (projectId: string, eventId: string): Key =>
  key(noticesPk(projectId), NOTICE + eventId);
/** Range of the sort keys of a project's collected notices. */
export const NOTICE_SKS = { from: NOTICE, to: NOTICE + END } as const;

export const countsKey = (projectId: string): Key => key(projectPk(projectId), 'COUNTS');

export const memberKey = (projectId: string, userId: string): Key =>
  key(projectPk(projectId), MEMBER_SK_PREFIX + userId);
/** Range of the sort keys of a project's members. */
export const MEMBER_SKS = { from: MEMBER_SK_PREFIX, to: MEMBER_SK_PREFIX + END } as const;

export const connectionKey = (projectId: string, connectionId: string): Key =>
  key(projectPk(projectId), CONNECTION_SK_PREFIX + connectionId);

export const intentKey = (projectId: string, connectionId: string): Key =>
  key(projectPk(projectId), INTENT + connectionId);

/** Range of the sort keys of a project's imports. */
export const IMPORT_SKS = { from: IMPORT, to: IMPORT + END } as const;

/** Returns the key of the record of an imported connection, by the other platform's id of it. */
export const importKey = (projectId: string, platformId: string): Key =>
  key(projectPk(projectId), IMPORT + platformId);

/** Returns kind and id of a project's item by its sort key. */
export function parseProjectSk(sk: string): { kind: 'connection' | 'intent' | 'other'; id: string } {
  if (sk.startsWith(CONNECTION_SK_PREFIX)) {
    return { kind: 'connection', id: sk.slice(CONNECTION_SK_PREFIX.length) };
  }
  if (sk.startsWith(INTENT)) return { kind: 'intent', id: sk.slice(INTENT.length) };
  return { kind: 'other', id: '' };
}

/** Range of the sort keys of a project's connections, by age. */
export const CONNECTION_SKS = { from: CONNECTION_SK_PREFIX, to: CONNECTION_SK_PREFIX + END } as const;

/** The item that leads from a project to the history of a connection that was disconnected. */
export const pastConnectionKey = (projectId: string, connectionId: string): Key =>
  key(projectPk(projectId), PAST + connectionId);
export const pastConnectionId = (sk: string) => sk.slice(PAST.length);
/** Range of the sort keys of connections that were disconnected. */
export const PAST_CONNECTION_SKS = { from: PAST, to: PAST + END } as const;

export const flowKey = (projectId: string, flowId: string): Key => key(flowsPk(projectId), FLOW + flowId);

export const stepKey = (projectId: string, flowId: string, stepId: string): Key =>
  key(flowsPk(projectId), FLOW + flowId + STEP + stepId);

/** Returns the range of the sort keys of a flow and its steps. */
export const flowSks = (flowId: string) => ({ from: FLOW + flowId, to: `${FLOW}${flowId}#${END}` });
export const FLOWS_END = FLOW + END;

/** Returns the ranges of a project's own items: connections, members, flows, and what leads to history. */
export function contentRanges(projectId: string) {
  const pk = projectPk(projectId);
  return [
    { pk, ...CONNECTION_SKS },
    { pk, ...MEMBER_SKS },
    { pk, ...PAST_CONNECTION_SKS },
    { pk: flowsPk(projectId), from: FLOW, to: FLOWS_END },
  ];
}

/** Returns the flow and, for a step's item, the step of a sort key. */
export function parseFlowSk(sk: string): { flowId: string; stepId: string | null } {
  const [flowId = '', stepId = null] = sk.slice(FLOW.length).split(STEP);
  return { flowId, stepId };
}

/** Partition of the items that may outlive a connection: its uses in flows, its history, its last check. */
export const connectionPk = (connectionId: string) => CONNECTION_SK_PREFIX + connectionId;

export const useKey = (connectionId: string, flowId: string): Key =>
  key(connectionPk(connectionId), FLOW + flowId);

export const historyKey = (connectionId: string, entryId: string): Key =>
  key(connectionPk(connectionId), HISTORY_SK_PREFIX + entryId);

/** The event of a project that was deleted. */
export const projectHistoryKey = (projectId: string, eventId: string): Key =>
  key(projectPk(projectId), HISTORY_SK_PREFIX + eventId);

/** Range of the sort keys of a connection's history. */
export const HISTORY_SKS = { from: HISTORY_SK_PREFIX, to: HISTORY_SK_PREFIX + END } as const;

export const lastCheckKey = (connectionId: string): Key => key(connectionPk(connectionId), 'CHECK');

/** Partition of a cadence's slot in the index of checks. */
export const checkSlotKey = (cadence: string, slot: number) => `${cadence}#${slot}`;
/** Sorts a slot by provider. */
export const checkOrder = (providerId: string, connectionId: string) => `${providerId}#${connectionId}`;
export const providerOfCheckOrder = (order: string) => order.slice(0, order.indexOf('#'));

/** The scheduler's checkpoint. */
export const CHECKPOINT_KEY: Key = { pk: 'CHECKPOINT', sk: 'CHECKS' };
/** The checkpoint of a run that fills keys of indexes. */
export const FILL_CHECKPOINT_KEY: Key = { pk: 'CHECKPOINT', sk: 'KEYS' };

export const tokenBucketKey = (providerId: string): Key => key(`BUDGET#${providerId}`, 'CALLS');

/** Partition of the sealed credentials of a connection. */
export const credentialsPk = (connectionId: string) => CREDENTIALS_PK_PREFIX + connectionId;
export const credentialsKey = (connectionId: string, version: string): Key =>
  key(credentialsPk(connectionId), VERSION + version);
export const credentialsVersionOf = (sk: string) => sk.slice(VERSION.length);

/** Partition of the data keys of a project. */
export const projectKeysPk = (projectId: string) => PROJECT_KEYS_PK_PREFIX + projectId;
export const projectKey = (projectId: string, keyId: string): Key =>
  key(projectKeysPk(projectId), KEY + keyId);
export const projectKeyId = (sk: string) => sk.slice(KEY.length);

export const authorizationKey = (id: string): Key => key(AUTHORIZATION_PK_PREFIX + id, 'RECORD');

export const idempotencyKey = (value: string): Key => key(IDEMPOTENCY_PK_PREFIX + value, 'RECORD');

export const requestCountKey = (projectId: string, minute: string): Key =>
  key(REQUESTS_PK_PREFIX + projectId, minute);

/** Sorts by folded name, then by id, so that every connection has its own position. */
export const nameKey = (foldedName: string, connectionId: string) => foldedName + NAME_END + connectionId;
export const foldedNameOf = (key: string) => key.slice(0, key.indexOf(NAME_END));
export const connectionIdOf = (key: string) => key.slice(key.indexOf(NAME_END) + NAME_END.length);

/** Returns what a search filters by besides the name, between bars: `|active|`, `|p:trello|`, `|expiring|`. */
export function searchFacets({
  status,
  providerId,
  expiring = false,
}: {
  readonly status?: string | undefined;
  readonly providerId?: string | undefined;
  readonly expiring?: boolean | undefined;
}): readonly string[] {
  return [
    ...(status === undefined ? [] : [`|${status}|`]),
    ...(providerId === undefined ? [] : [`|p:${providerId}|`]),
    ...(expiring ? ['|expiring|'] : []),
  ];
}

/** Partitions of the filtered lists. */
export const listKeys = {
  status: (projectId: string, status: string) => `${projectId}#${status}`,
  provider: (projectId: string, providerId: string) => `${projectId}#${providerId}`,
  providerStatus: (projectId: string, providerId: string, status: string) =>
    `${projectId}#${providerId}#${status}`,
  expiring: (projectId: string) => `${projectId}#expiring`,
  providerExpiring: (projectId: string, providerId: string) => `${projectId}#${providerId}#expiring`,
};
