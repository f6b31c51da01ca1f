import fc from 'fast-check';
import { compareText, type Item } from '../../harness/table-stand-in/expressions.ts';

/** A request of the form that the adapters send, on few keys and values, so that conditions hold and fail. */
export type TableRequest = readonly [operation: string, request: object];

const text = fc.constantFrom('a', 'b', 'ab', 'é', '\u{1f600}').map((S) => ({ S }));
const number = fc.constantFrom('0', '1', '2').map((N) => ({ N }));
const attributes: fc.Arbitrary<Item> = fc.record(
  {
    one: text,
    count: number,
    map: fc.constant({ M: { list: { L: [{ BOOL: true }, { NULL: true as const }] } } }),
    nameKey: text,
    recoveryKey: fc.constant({ S: 'recovery' }),
    recoverAt: text,
    searchKey: fc.constant({ S: 'search' }),
    foldedName: text,
    facets: text,
    summary: text,
    role: text,
  },
  { requiredKeys: [] },
);
const key = fc.record({ pk: fc.constantFrom({ S: 'A' }, { S: 'B' }), sk: text });

const NAMES = { '#0': 'one', '#1': 'count' };

/** Conditions of the adapters' forms; a name or a value that a request does not use is an error. */
const condition = fc.oneof(
  fc.constant({}),
  fc
    .constantFrom('attribute_not_exists(pk)', 'attribute_exists(pk)')
    .map((ConditionExpression) => ({ ConditionExpression })),
  fc.record({
    ConditionExpression: fc.constantFrom(
      '#0 = :0 AND #1 = :1',
      'attribute_not_exists(pk) OR (#0 = :0 AND #1 = :1)',
      'attribute_not_exists(#0) OR #1 < :1 OR #0 = :0',
      '#1 <= :1 OR #0 <= :0',
      '#0 < :0 OR #1 = :1',
    ),
    ExpressionAttributeNames: fc.constant(NAMES),
    ExpressionAttributeValues: fc.record({ ':0': text, ':1': number }),
  }),
);
const returned = fc.constantFrom({}, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });

const put = fc.tuple(key, attributes, condition, returned).map(([Key, values, when, old]) => ({
  ...{ Item: { ...values, ...Key }, ...when, ...old },
}));
const removal = fc.tuple(key, condition, returned).map(([Key, when, old]) => ({ Key, ...when, ...old }));
const update = fc
  .record({
    Key: key,
    UpdateExpression: fc.constantFrom(
      'SET #0 = :0 ADD #1 :1',
      'SET #0 = :0, #1 = :1',
      'SET #1 = :1, #0 = :0 REMOVE nameKey, recoverAt',
      'SET #0 = :0 REMOVE recoveryKey ADD #1 :1',
    ),
    ConditionExpression: fc.constantFrom(
      'attribute_exists(pk)',
      '#0 = :0',
      '#1 <= :1',
      'attribute_not_exists(pk) OR #1 = :1',
    ),
    ExpressionAttributeNames: fc.constant(NAMES),
    ExpressionAttributeValues: fc.record({ ':0': text, ':1': number }),
  })
  .chain((request) => returned.map((old) => ({ ...request, ...old })));

const transaction = fc
  .uniqueArray(
    fc.oneof(
      put.map((Put) => ({ key: Put.Item, action: { Put } })),
      update.map((Update) => ({ key: Update.Key, action: { Update } })),
      removal.map((Delete) => ({ key: Delete.Key, action: { Delete } })),
    ),
    { minLength: 1, maxLength: 3, selector: ({ key: { pk, sk } }) => JSON.stringify([pk, sk]) },
  )
  .map((writes) => writes.map(({ action }) => action));

const RANGES = [
  { partition: 'pk', value: 'A', sort: 'sk' },
  { partition: 'pk', value: 'A', sort: 'nameKey', IndexName: 'all-by-name' },
  { partition: 'searchKey', value: 'search', sort: 'sk', IndexName: 'names-by-age' },
  { partition: 'recoveryKey', value: 'recovery', sort: 'recoverAt', IndexName: 'recovery' },
];
const query = fc
  .record({
    range: fc.constantFrom(...RANGES),
    // DynamoDB refuses bounds in the wrong order.
    bounds: fc.option(fc.tuple(text, text).map((pair) => pair.toSorted((a, b) => compareText(a.S, b.S)))),
    part: fc.option(text),
    limit: fc.option(fc.integer({ min: 1, max: 4 })),
    ScanIndexForward: fc.boolean(),
    projects: fc.boolean(),
  })
  .map(
    ({ range: { partition, value, sort, ...index }, bounds, part, limit, ScanIndexForward, projects }) => ({
      ...index,
      ...{ ScanIndexForward, ...(limit && { Limit: limit }) },
      KeyConditionExpression: `#p = :p${bounds ? ' AND #s BETWEEN :f AND :t' : ''}`,
      ...(part && index.IndexName === 'names-by-age' && { FilterExpression: 'contains(#n, :n)' }),
      ...(projects && { ProjectionExpression: 'pk, #k' }),
      ExpressionAttributeNames: {
        '#p': partition,
        ...(bounds && { '#s': sort }),
        ...(part && index.IndexName === 'names-by-age' && { '#n': 'foldedName' }),
        ...(projects && { '#k': 'sk' }),
      },
      ExpressionAttributeValues: {
        ':p': { S: value },
        ...(bounds && { ':f': bounds[0], ':t': bounds[1] }),
        ...(part && index.IndexName === 'names-by-age' && { ':n': part }),
      },
    }),
  );

const scan = text.map((part) => ({
  FilterExpression: 'begins_with(sk, :part) OR begins_with(one, :part)',
  ExpressionAttributeValues: { ':part': part },
}));

/** Generates requests on a table. Some transactions are sent twice, with one token. */
export function requestsOn(TableName: string): fc.Arbitrary<readonly TableRequest[]> {
  const single = (operation: string) => (request: object) => [
    [operation, { TableName, ...request }] as const,
  ];
  const requests = fc.oneof(
    { weight: 4, arbitrary: put.map(single('PutItem')) },
    { weight: 3, arbitrary: update.map(single('UpdateItem')) },
    { weight: 2, arbitrary: removal.map(single('DeleteItem')) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(transaction, fc.option(fc.uuid()), fc.boolean())
        .map(([actions, token, repeats]) => {
          const TransactItems = actions.map((action) => onTable(TableName, action));
          const request = [
            'TransactWriteItems',
            { TransactItems, ...(token && { ClientRequestToken: token }) },
          ] as const;
          return token && repeats ? [request, request] : [request];
        }),
    },
    { weight: 4, arbitrary: query.map(single('Query')) },
    { weight: 1, arbitrary: scan.map(single('Scan')) },
    { weight: 1, arbitrary: key.map((Key) => ({ Key, ConsistentRead: true })).map(single('GetItem')) },
    {
      weight: 1,
      arbitrary: fc
        .uniqueArray(key, { minLength: 1, maxLength: 4, selector: (it) => JSON.stringify(it) })
        .map((Keys) => [['BatchGetItem', { RequestItems: { [TableName]: { Keys } } }] as const]),
    },
  );
  return fc.array(requests, { minLength: 5, maxLength: 40, size: 'max' }).map((lists) => lists.flat());
}

/** Adds the table's name to a write of a transaction. */
function onTable(TableName: string, action: object): object {
  return Object.fromEntries(Object.entries(action).map(([kind, write]) => [kind, { TableName, ...write }]));
}
