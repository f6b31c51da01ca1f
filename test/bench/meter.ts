import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as send } from 'node:http';
import { json, text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { close, listen } from '../../local/loopback.ts';
import type { AttributeMap } from './item-size.ts';
import { SocketCounter } from './socket-counter.ts';

/** One request to the table engine, with the capacity that the engine reports. */
export interface Call {
  /** `Query`, `TransactWriteItems`, … */
  readonly operation: string;
  readonly units: number;
  /** The units of each index, by its name; part of `units`. */
  readonly byIndex: Readonly<Record<string, number>>;
  /** The items in a query's response. */
  readonly items: readonly AttributeMap[];
  /** True if its condition failed; the engine reports no capacity then. */
  readonly refused: boolean;
}

/** A proxy in front of the table engine that asks for the consumed capacity of each request. */
export interface Meter {
  readonly url: string;
  /** Returns the calls since the last call of `take`, in the order of their responses. */
  take(): readonly Call[];
  /** The connections of clients. */
  readonly sockets: Readonly<SocketCounter>;
  close(): Promise<void>;
}

const units = z.object({ CapacityUnits: z.number() });
const consumed = z.object({
  CapacityUnits: z.number(),
  GlobalSecondaryIndexes: z.optional(z.record(z.string(), units)),
});
const engineResponse = z.object({
  /** The type of an error. */
  __type: z.optional(z.string()),
  ConsumedCapacity: z.optional(z.union([consumed, z.array(consumed)])),
  Items: z.optional(z.array(z.record(z.string(), z.record(z.string(), z.unknown())))),
});

const REFUSED = '#ConditionalCheckFailedException';
const SERVICE = 'DynamoDB_20120810.';
const METERED = /^(GetItem|Query|Scan|(Batch(Get|Write)|Transact(Get|Write))Items?|(Put|Update|Delete)Item)$/;

/** Starts a meter in front of an engine. */
export async function startMeter(engineUrl: string): Promise<Meter> {
  const calls: Call[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer(async (request, response) => {
    const { status, body, call } = await forward(request, engineUrl, agent);
    if (call) calls.push(call);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
  });
  const sockets = new SocketCounter();
  sockets.watch(server);
  const { url } = await listen(server);
  return {
    url,
    take: () => calls.splice(0),
    sockets,
    async close() {
      agent.destroy();
      await close(server);
    },
  };
}

async function forward(request: IncomingMessage, engineUrl: string, agent: Agent) {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.startsWith(SERVICE) ? target.slice(SERVICE.length) : '';
  const body = z.looseObject({}).parse(request.method === 'POST' ? await json(request) : {});
  const metered = METERED.test(operation);
  const outgoing = send(engineUrl, {
    method: 'POST',
    agent,
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      // The engine requires the parts of a signature, and does not verify it.
      authorization: String(request.headers.authorization ?? ''),
      'x-amz-date': String(request.headers['x-amz-date'] ?? ''),
    },
  });
  outgoing.end(JSON.stringify(metered ? { ...body, ReturnConsumedCapacity: 'INDEXES' } : body));
  const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
  const responseBody = incoming ? await text(incoming) : '';
  const status = incoming?.statusCode ?? 500;
  const call = metered ? callOf(operation, status === 200, responseBody) : undefined;
  return { status, body: responseBody, call };
}

function callOf(operation: string, succeeded: boolean, body: string): Call | undefined {
  const { __type = '', ConsumedCapacity = [], Items = [] } = engineResponse.parse(JSON.parse(body));
  const refused = __type.endsWith(REFUSED);
  if (!succeeded && !refused) return undefined;
  const all = Array.isArray(ConsumedCapacity) ? ConsumedCapacity : [ConsumedCapacity];
  const byIndex: Record<string, number> = {};
  for (const { GlobalSecondaryIndexes = {} } of all) {
    for (const [index, { CapacityUnits }] of Object.entries(GlobalSecondaryIndexes)) {
      byIndex[index] = (byIndex[index] ?? 0) + CapacityUnits;
    }
  }
  return {
    operation,
    units: all.reduce((sum, { CapacityUnits }) => sum + CapacityUnits, 0),
    byIndex,
    items: Items,
    refused,
  };
}

/** Returns the total units of calls. */
export function unitsOf(calls: readonly Call[]): number {
  return calls.reduce((sum, { units }) => sum + units, 0);
}
