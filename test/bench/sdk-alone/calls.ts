import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod/mini';
import type { Calls } from './calls-only.ts';
import type { RecordedCall } from './replay.ts';

const attributes = z.record(z.string(), z.custom<AttributeValue>());
const request = z.looseObject({
  Key: z.optional(attributes),
  ExclusiveStartKey: z.optional(attributes),
  ExpressionAttributeValues: z.optional(attributes),
  RequestItems: z.optional(z.record(z.string(), z.looseObject({ Keys: z.array(attributes) }))),
});

/** Converts recorded calls to inputs of the SDK. */
export function toCalls(calls: readonly RecordedCall[], TableName: string): Calls {
  const of = (operation: string) =>
    calls
      .filter((call) => call.operation === operation)
      .map(({ body }) => {
        const { RequestItems, ...rest } = request.parse(JSON.parse(body));
        const plain = { ...rest, TableName };
        for (const name of ['Key', 'ExclusiveStartKey', 'ExpressionAttributeValues'] as const) {
          const value = rest[name];
          if (value) plain[name] = unmarshall(value);
        }
        return { plain, RequestItems };
      });
  return {
    Query: of('Query').map(({ plain }) => plain),
    GetItem: of('GetItem').map(({ plain: { Key = {}, ...input } }) => ({ ...input, Key })),
    BatchGetItem: of('BatchGetItem').map(({ RequestItems = {} }) => ({
      RequestItems: Object.fromEntries(
        Object.entries(RequestItems).map(([table, { Keys, ...options }]) => [
          table,
          { ...options, Keys: Keys.map((key) => unmarshall(key)) },
        ]),
      ),
    })),
  };
}
