import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { respondAs } from '../../../local/aws-json-server.ts';
import { startRelay } from '../../../local/streams/relay.ts';
import { lambdaRecord } from '../../../local/streams/subscribers.ts';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { REGION } from '../direct-calls.ts';
import type { DynamoDbStandIn } from './dynamodb.ts';

const AUTHORIZATION = `AWS4-HMAC-SHA256 Credential=local/20260101/${REGION}/dynamodb/aws4_request, SignedHeaders=host, Signature=none`;

const item = z.record(z.string(), z.unknown());
/** The part of a response, or of a refusal, that callers use. */
const response = z.object({
  Item: z.optional(item),
  Items: z.optional(z.array(item)),
  LastEvaluatedKey: z.optional(item),
  Responses: z.optional(z.record(z.string(), z.array(item))),
  __type: z.optional(z.string()),
  CancellationReasons: z.optional(z.array(z.object({ Code: z.string(), Item: z.optional(item) }))),
});
type Response = z.output<typeof response>;

/** Sends the same requests to the engine and to the stand-in, and compares their responses. */
export class EngineComparison {
  /** The operations whose responses were compared, refused ones by their error as well. */
  readonly compared = new Set<string>();
  readonly #engine: Engine;
  readonly #dynamodb: DynamoDbStandIn;
  readonly #tables = new Set<string>();

  private constructor(engine: Engine, dynamodb: DynamoDbStandIn) {
    this.#engine = engine;
    this.#dynamodb = dynamodb;
  }

  static async start(dynamodb: DynamoDbStandIn): Promise<EngineComparison> {
    return new EngineComparison(await startEngine({}), dynamodb);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async createTable(name: string): Promise<void> {
    this.#dynamodb.createTable(name);
    await createTable(name, this.#engine.url);
    this.#tables.add(name);
  }

  /**
   * Makes a request of both.
   *
   * @returns the response.
   * @throws Error where they respond differently.
   */
  async request(operation: string, request: object): Promise<Response> {
    const body = JSON.stringify(request);
    const headers = {
      'x-amz-target': `${this.#dynamodb.targetPrefix}.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
      authorization: AUTHORIZATION,
      'x-amz-date': '20260101T000000Z',
    };
    const sent = await fetch(this.#engine.url, { method: 'POST', headers, body });
    const expected = comparable(operation, await sent.json());
    const actual = comparable(operation, JSON.parse(respondAs(this.#dynamodb, headers, body).body));
    this.compared.add([operation, actual.__type].join(' ').trim());
    assertEqual(`${operation} ${body}`, actual, expected);
    return actual;
  }

  /**
   * Compares all that a table has: its items, each of its indexes, and its stream.
   *
   * @throws Error where they differ.
   */
  async compareTable(TableName: string): Promise<void> {
    const { Items = [] } = await this.request('Scan', { TableName });
    for (const { name: IndexName, partitionKey } of TABLE.indexes) {
      for (const value of new Set(Items.flatMap((found) => textOf(found[partitionKey])))) {
        await this.request('Query', {
          ...{ TableName, IndexName, KeyConditionExpression: '#0 = :0' },
          ExpressionAttributeNames: { '#0': partitionKey },
          ExpressionAttributeValues: { ':0': { S: value } },
        });
      }
    }
    const records = await this.#streamRecords(TableName);
    // The engine records writes that change nothing; DynamoDB does not (Streams.html, developer guide).
    const expected = records.map(changeOf).filter((it) => !isDeepStrictEqual(it.OldImage, it.NewImage));
    const actual = this.#dynamodb.table(TableName).records.map(changeOf);
    assertEqual('The stream', actual, expected);
  }

  async #streamRecords(tableName: string): Promise<readonly DynamoDBRecord[]> {
    const all: DynamoDBRecord[] = [];
    const relay = await startRelay({
      tableName,
      endpoint: this.#engine.url,
      checkpointFile: join(tmpdir(), randomUUID()),
      subscribers: [
        async (records) => {
          all.push(...records.map(lambdaRecord));
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
    await relay.drain();
    await relay.close();
    return all;
  }
}

function assertEqual(name: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${name}: ${JSON.stringify(actual)}, and of the engine ${JSON.stringify(expected)}`);
}

/** Returns the part of a response that callers rely on. A scan and a batch read return items in any order. */
function comparable(operation: string, body: unknown): Response {
  const { Items, Responses, __type, ...others } = response.parse(body);
  const sorted = (items: readonly z.output<typeof item>[]) =>
    items.toSorted((a, b) => (keyText(a) < keyText(b) ? -1 : 1));
  return {
    ...others,
    ...(Items && { Items: operation === 'Scan' ? sorted(Items) : Items }),
    ...(Responses && {
      Responses: Object.fromEntries(
        Object.entries(Responses).map(([table, items]) => [table, sorted(items)]),
      ),
    }),
    ...(__type && { __type: __type.replace(/^.*#/, '') }),
  };
}

function keyText({ pk, sk }: z.output<typeof item>): string {
  return JSON.stringify([pk, sk]);
}

const text = z.object({ S: z.string() });

function textOf(value: unknown): readonly string[] {
  const parsed = text.safeParse(value);
  return parsed.success ? [parsed.data.S] : [];
}

/** Returns what a stream record says about its item. */
function changeOf({ eventName, dynamodb: { Keys, OldImage, NewImage } = {} }: DynamoDBRecord) {
  return { eventName, Keys, OldImage, NewImage };
}
