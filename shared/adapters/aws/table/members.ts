import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MemberReader, MemberWriter, RoleReader } from '../../../domain/access/roles.ts';
import { getConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { memberItem } from './items.ts';
import { memberKey, projectOf, userKey } from './keys.ts';
import { query } from './query.ts';

/** Reads roles from the table. */
export function roleReader(table: Table): RoleReader {
  return {
    async roleOf(projectId, userId) {
      const item = await getConsistent(table, memberKey(projectId, userId));
      return item && memberItem.parse(item).role;
    },
  };
}

/** Reads memberships from the table. */
export function memberReader(table: Table): MemberReader {
  return {
    async projectsOf(userId) {
      const range = { index: 'projects-by-user', partition: ['userKey', userKey(userId)] } as const;
      const items = await Array.fromAsync(query(table, range));
      return items.map((item) => {
        const { pk, role } = memberItem.parse(item);
        return { projectId: projectOf(pk), role };
      });
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
