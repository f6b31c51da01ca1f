import type { TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';

type Item = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type Unnamed<T> = T extends object ? Omit<T, 'TableName'> : never;

/** One write of a transaction; which table it goes to is added when it is sent. */
export type Action =
  | { readonly Put: Unnamed<NonNullable<Item['Put']>> }
  | { readonly Update: Unnamed<NonNullable<Item['Update']>> }
  | { readonly Delete: Unnamed<NonNullable<Item['Delete']>> };

/** The actions as a transaction on one table takes them. */
export function onTable(TableName: string, actions: readonly Action[]): Item[] {
  return actions.map((action) => {
    if ('Put' in action) return { Put: { TableName, ...action.Put } };
    if ('Update' in action) return { Update: { TableName, ...action.Update } };
    return { Delete: { TableName, ...action.Delete } };
  });
}
