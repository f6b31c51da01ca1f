import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MemberReader, MemberWriter, RoleReader } from '../../../domain/access/roles.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './client.ts';
import { countsItem, deletionItem, memberItem, textOf } from './items.ts';
import { connectionKey, countsKey, memberKey, projectOf, userKey } from './keys.ts';
import { query } from './query.ts';
import { enabledConnection } from './stored-connection.ts';

/** Reads roles from the table, with what requests need of the same partition. */
export function roleReader(table: Table): RoleReader {
  return {
    async read({ projectId, userId, connectionId }) {
      const countsAt = countsKey(projectId);
      const memberAt = userId === undefined ? undefined : memberKey(projectId, userId);
      const connectionAt = connectionId === undefined ? undefined : connectionKey(projectId, connectionId);
      const keys = [countsAt, memberAt, connectionAt].filter((key) => key !== undefined);
      const items = await batchGet(table, keys, { ConsistentRead: true });
      const bySk = new Map(items.map((item) => [textOf(item, 'sk'), item]));
      const counts = bySk.get(countsAt.sk) ?? NO_COUNTS;
      const member = memberAt && bySk.get(memberAt.sk);
      const connection = connectionAt && bySk.get(connectionAt.sk);
      const { total, active, inactive } = countsItem.parse(counts);
      return {
        isDeleted: deletionItem.parse(counts).deletion !== undefined,
        role: member === undefined ? undefined : memberItem.parse(member).role,
        counts: { all: total, active, inactive },
        connection: connection === undefined ? undefined : enabledConnection(connection, projectId),
      };
    },
  };
}

/** The counts of a project that had no connections yet. */
const NO_COUNTS = { total: 0, active: 0, inactive: 0 };

/** Reads memberships from the table. */
export function memberReader(table: Table): MemberReader {
  return {
    async projectsOf(userId) {
      const range = { index: 'projects-by-user', partition: ['userKey', userKey(userId)] } as const;
      const items = await Array.fromAsync(query(table, range));
      const memberships = items.map((item) => {
        const { pk, role } = memberItem.parse(item);
        return { projectId: projectOf(pk), role };
      });
      const counts = memberships.map(({ projectId }) => countsKey(projectId));
      const found = await batchGet(table, counts, { attributes: ['deletion'] });
      const deleted = new Set(
        found
          .filter((item) => deletionItem.parse(item).deletion)
          .map((item) => projectOf(textOf(item, 'pk'))),
      );
      return memberships.filter(({ projectId }) => !deleted.has(projectId));
    },
  };
}

/** Writes memberships to the table. */
export function memberWriter({ client, name }: Table): MemberWriter {
  return {
    async put(projectId, userId, role) {
      const Item = { ...memberKey(projectId, userId), userKey: userKey(userId), role };
      await client.send(new PutCommand({ TableName: name, Item }));
    },

    async remove(projectId, userId) {
      await client.send(new DeleteCommand({ TableName: name, Key: memberKey(projectId, userId) }));
    },
  };
}
