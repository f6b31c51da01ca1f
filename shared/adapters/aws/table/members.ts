import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MemberReader, MemberWriter, RoleReader } from '../../../domain/access/roles.ts';
import { batchGet } from './batch-get.ts';
import type { Table } from './client.ts';
import { deletionItem, keyItem, memberItem } from './items.ts';
import { countsKey, memberKey, projectOf, userKey } from './keys.ts';
import { deletionReader } from './project-deletions.ts';
import { query } from './query.ts';

/** Reads roles from the table. */
export function roleReader(table: Table): RoleReader {
  const deletions = deletionReader(table);
  return {
    async roleOf(projectId, userId) {
      const keys = [memberKey(projectId, userId), countsKey(projectId)];
      const items = await batchGet(table, keys, { ConsistentRead: true });
      if (items.some((item) => deletionItem.parse(item).deletion)) return undefined;
      const member = items.find((item) => keyItem.parse(item).sk === memberKey(projectId, userId).sk);
      return member === undefined ? undefined : memberItem.parse(member).role;
    },

    isDeleted: async (projectId) => (await deletions.find(projectId)) !== undefined,
  };
}

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
          .map((item) => projectOf(keyItem.parse(item).pk)),
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
