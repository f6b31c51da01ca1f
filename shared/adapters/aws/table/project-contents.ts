import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { ProjectContents } from '../../../domain/projects/deletion.ts';
import type { Table } from './client.ts';
import { keyItem } from './items.ts';
import {
  CONNECTION_SKS,
  connectionKey,
  connectionPk,
  DELETIONS_KEY,
  flowsPk,
  IMPORT_SKS,
  type Key,
  MEMBER_SKS,
  PAST_CONNECTION_SKS,
  parseProjectSk,
  pastConnectionId,
  projectKeysPk,
  projectOf,
  projectPk,
} from './keys.ts';
import { query, queryDue, type Range, take } from './query.ts';
import { storedConnection } from './stored-connection.ts';

/** Deletions at the same time. */
const CONCURRENCY = 25;

/** Reads and removes the contents of deleted projects. */
export function projectContents(table: Table): ProjectContents {
  const inProject = (
    projectId: string,
    { from, to }: { readonly from: string; readonly to: string },
  ): Range => ({
    partition: ['pk', projectPk(projectId)],
    sort: ['sk', from, to],
    consistent: true,
  });

  /** Removes everything that may outlive a connection: its history, its uses in flows, its last check. */
  async function removeHistories(connectionIds: readonly string[]): Promise<void> {
    const ranges = connectionIds.map(
      (id): Range => ({ partition: ['pk', connectionPk(id)], consistent: true }),
    );
    await Promise.all(ranges.map((range) => removeRange(table, range)));
  }

  return {
    async *due(now) {
      for await (const item of queryDue(table, 'recovery', DELETIONS_KEY, now)) {
        yield projectOf(keyItem.parse(item).pk);
      }
    },

    async connections(projectId, after, limit) {
      const range = {
        ...inProject(projectId, CONNECTION_SKS),
        startKey: after === null ? undefined : { ...connectionKey(projectId, after) },
      };
      const items = await Array.fromAsync(take(query(table, range, limit), limit));
      return items.map((item) => storedConnection(item, projectId));
    },

    async removeConnections(projectId, limit) {
      const keys = await keysOf(table, inProject(projectId, CONNECTION_SKS), limit);
      // The connection goes last: it leads to its history, also after an interruption.
      await removeHistories(keys.map(({ sk }) => parseProjectSk(sk).id));
      await removeEach(table, keys);
      return keys.length;
    },

    async removePastConnections(projectId, limit) {
      const keys = await keysOf(table, inProject(projectId, PAST_CONNECTION_SKS), limit);
      await removeHistories(keys.map(({ sk }) => pastConnectionId(sk)));
      await removeEach(table, keys);
      return keys.length;
    },

    removeFlows: (projectId, limit) =>
      removeRange(table, { partition: ['pk', flowsPk(projectId)], consistent: true }, limit),

    removeMembers: (projectId, limit) => removeRange(table, inProject(projectId, MEMBER_SKS), limit),

    removeImports: (projectId, limit) => removeRange(table, inProject(projectId, IMPORT_SKS), limit),

    async removeKeys(projectId) {
      const range: Range = { partition: ['pk', projectKeysPk(projectId)], consistent: true };
      await removeRange(table, range);
    },
  };
}

/** Reads the keys of a range; all of them without a limit. */
async function keysOf(table: Table, range: Range, limit?: number): Promise<readonly Key[]> {
  const keysOnly = { ...range, attributes: ['pk', 'sk'] };
  const items = await Array.fromAsync(take(query(table, keysOnly, limit), limit ?? Number.POSITIVE_INFINITY));
  return items.map((item) => keyItem.parse(item));
}

async function removeRange(table: Table, range: Range, limit?: number): Promise<number> {
  const keys = await keysOf(table, range, limit);
  await removeEach(table, keys);
  return keys.length;
}

async function removeEach({ client, name: TableName }: Table, keys: readonly Key[]): Promise<void> {
  for (let start = 0; start < keys.length; start += CONCURRENCY) {
    const batch = keys.slice(start, start + CONCURRENCY);
    await Promise.all(
      batch.map(({ pk, sk }) => client.send(new DeleteCommand({ TableName, Key: { pk, sk } }))),
    );
  }
}
