import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MemberReader, MemberWriter } from '../../../domain/access/members.ts';
import type { Table } from './client.ts';
import { memberItem } from './items.ts';
import { memberKey, projectOf, userKey } from './keys.ts';
import { query } from './query.ts';

/** Reads memberships from the table. */
export function memberReader(table: Table): MemberReader {
  return {
    async roleOf(projectId, userId) {
      const Key = memberKey(projectId, userId);
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key, ConsistentRead: true }),
      );
      return Item && memberItem.parse(Item).role;
    },

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
    async putMember(projectId, userId, role) {
      const Item = { ...memberKey(projectId, userId), userKey: userKey(userId), role };
      await client.send(new PutCommand({ TableName: name, Item }));
    },

    async removeMember(projectId, userId) {
      await client.send(new DeleteCommand({ TableName: name, Key: memberKey(projectId, userId) }));
    },
  };
}
