import { type AwsJsonService, ServiceException, unknownOperation } from '../../../local/aws-json-server.ts';
import { type Item, nameOf, type Placeholders } from './expressions.ts';
import { type RangeRead, readAll, readRange, type ScanRead } from './ranges.ts';
import { type FailedCondition, invalid, MemoryTable, pick, type Write, type WriteKind } from './table.ts';

interface OfTable {
  readonly TableName: string;
}

interface Projection extends Placeholders {
  readonly ProjectionExpression?: string;
}

interface BatchRead {
  readonly RequestItems: Readonly<Record<string, Projection & { readonly Keys: readonly Item[] }>>;
}

interface Transaction {
  readonly TransactItems: readonly Readonly<Partial<Record<WriteKind, Write & OfTable>>>[];
  readonly ClientRequestToken?: string;
}

const PROJECTION = ['ProjectionExpression', 'ExpressionAttributeNames'];
const PLACEHOLDERS = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];
const CONDITION = ['ConditionExpression', 'ReturnValuesOnConditionCheckFailure', ...PLACEHOLDERS];
const RANGE = ['ExclusiveStartKey', 'Limit', 'ConsistentRead'];

type Operation = (body: string) => object;

/**
 * DynamoDB in this process, for simulated deployments: the requests that our adapters make, on tables of our definition.
 * It refuses any other request. Reads are strongly consistent. A test compares every response with the engine's.
 */
export class DynamoDbStandIn implements AwsJsonService {
  readonly signingName = 'dynamodb';
  readonly targetPrefix = 'DynamoDB_20120810';
  readonly #tables = new Map<string, MemoryTable>();
  /** The transactions that were committed, by their token. DynamoDB remembers them for 10 minutes. */
  readonly #committed = new Map<string, string>();
  readonly #operations: ReadonlyMap<string, Operation> = new Map(Object.entries(this.#defineOperations()));

  /** @throws ServiceException as DynamoDB refuses a request, and for one that the stand-in does not have. */
  perform(name: string, body: string): object {
    const operation = this.#operations.get(name);
    if (!operation) throw unknownOperation(name);
    return operation(body);
  }

  createTable(name: string): void {
    this.#tables.set(name, new MemoryTable());
  }

  deleteTable(name: string): void {
    this.#tables.delete(name);
  }

  table(name: string): MemoryTable {
    const table = this.#tables.get(name);
    if (!table) throw new ServiceException('ResourceNotFoundException', 'Requested resource not found');
    return table;
  }

  #defineOperations(): Record<string, Operation> {
    return {
      GetItem: operation<OfTable & Projection & { readonly Key: Item }>(
        ['Key', 'ConsistentRead', ...PROJECTION],
        ({ TableName, Key, ...projection }) => {
          const item = this.table(TableName).find(Key);
          return item ? { Item: projected(item, projection) } : {};
        },
      ),
      BatchGetItem: operation<BatchRead>(['RequestItems'], (request) => this.#batchGet(request)),
      Query: operation<OfTable & RangeRead & Projection>(
        [
          'IndexName',
          'KeyConditionExpression',
          'FilterExpression',
          'ScanIndexForward',
          // The stand-in measures no capacity.
          'ReturnConsumedCapacity',
          ...RANGE,
          ...PLACEHOLDERS,
          ...PROJECTION,
        ],
        ({ TableName, ...read }) => {
          const { items, lastKey } = readRange(this.table(TableName), read);
          return pageOf(
            items.map((item) => projected(item, read)),
            lastKey,
          );
        },
      ),
      Scan: operation<OfTable & ScanRead>(
        ['FilterExpression', ...RANGE, ...PLACEHOLDERS],
        ({ TableName, ...read }) => {
          const { items, lastKey } = readAll(this.table(TableName), read);
          return pageOf(items, lastKey);
        },
      ),
      PutItem: operation<OfTable & Write>(['Item', ...CONDITION], (write) => this.#writeOne('Put', write)),
      UpdateItem: operation<OfTable & Write>(['Key', 'UpdateExpression', ...CONDITION], (write) =>
        this.#writeOne('Update', write),
      ),
      DeleteItem: operation<OfTable & Write>(['Key', ...CONDITION], (write) =>
        this.#writeOne('Delete', write),
      ),
      TransactWriteItems: operation<Transaction>(['TransactItems', 'ClientRequestToken'], (request) =>
        this.#transact(request),
      ),
    };
  }

  #batchGet({ RequestItems }: BatchRead): object {
    const responses = Object.entries(RequestItems).map(([name, { Keys, ...projection }]) => {
      const found = Keys.map((key) => this.table(name).find(key)).filter((item) => item !== undefined);
      return [name, found.map((item) => projected(item, projection))];
    });
    return { Responses: Object.fromEntries(responses), UnprocessedKeys: {} };
  }

  #writeOne(kind: WriteKind, { TableName, ...write }: OfTable & Write): object {
    const [failed] = this.table(TableName).write([[kind, write]]);
    if (!failed) return {};
    const details = failed.item ? { Item: failed.item } : {};
    throw new ServiceException('ConditionalCheckFailedException', 'The conditional request failed', details);
  }

  #transact({ TransactItems, ClientRequestToken: token }: Transaction): object {
    const text = JSON.stringify(TransactItems);
    const committed = token && this.#committed.get(token);
    if (committed === text) return {};
    if (committed)
      throw new ServiceException('IdempotentParameterMismatchException', 'Another request had the token.');
    const writes = TransactItems.flatMap((action) => writesOf(action));
    const [[, { TableName }] = ['Put', { TableName: '' }]] = writes;
    const failed = this.table(TableName).write(writes);
    if (failed.length > 0) throw canceled(writes.length, failed);
    if (token) this.#committed.set(token, text);
    return {};
  }
}

/** Makes an operation that refuses members which the stand-in does not have, so that no caller relies on them. */
function operation<T>(members: readonly string[], run: (request: T) => object): Operation {
  return (body) => {
    const request: T & object = JSON.parse(body);
    const unknown = Object.keys(request).filter((name) => name !== 'TableName' && !members.includes(name));
    if (unknown.length > 0) throw invalid(`The stand-in does not have ${unknown.join(', ')}.`);
    return run(request);
  };
}

function writesOf(action: Transaction['TransactItems'][number]): (readonly [WriteKind, Write & OfTable])[] {
  const { Put, Update, Delete, ...others } = action;
  if (Object.keys(others).length > 0) throw invalid(`The stand-in does not have ${Object.keys(others)}.`);
  return [
    ...(Put ? [['Put', Put] as const] : []),
    ...(Update ? [['Update', Update] as const] : []),
    ...(Delete ? [['Delete', Delete] as const] : []),
  ];
}

function canceled(count: number, failed: readonly FailedCondition[]): ServiceException {
  const CancellationReasons = Array.from({ length: count }, (_, index) => {
    const found = failed.find((condition) => condition.index === index);
    if (!found) return { Code: 'None' };
    const Item = found.item;
    return {
      Code: 'ConditionalCheckFailed',
      Message: 'The conditional request failed',
      ...(Item && { Item }),
    };
  });
  const codes = CancellationReasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new ServiceException('TransactionCanceledException', message, { CancellationReasons });
}

function projected(item: Item, { ProjectionExpression, ...placeholders }: Projection): Item {
  if (ProjectionExpression === undefined) return item;
  return pick(
    item,
    ProjectionExpression.split(', ').map((token) => nameOf(token, placeholders)),
  );
}

function pageOf(items: readonly Item[], lastKey: Item | undefined): object {
  return { Items: items, Count: items.length, ...(lastKey && { LastEvaluatedKey: lastKey }) };
}
