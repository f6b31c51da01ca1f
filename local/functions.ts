import type {
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import {
  eventHandlers,
  type QueueWorker,
  schedules,
  streamWorkers,
} from '../shared/contract/background/index.ts';
import { routes } from '../shared/contract/http/index.ts';
import type { ApiRoute, Authorizer } from './api-gateway/router.ts';
import type { Target } from './bus/delivery.ts';
import { type Handler, type IamSettings, lambdaContext, loadHandler } from './lambda.ts';
import type { Subscriber } from './streams/relay.ts';
import { subscribe } from './streams/subscribers.ts';

// Each function of the contract, loaded and in the form that the service in front of it invokes.

/** The time-out of background functions, in milliseconds. */
const TIMEOUT_MS = 60_000;

const AUTHORIZERS = { user: 'jwt', engine: 'iam', public: 'none' } as const satisfies Record<
  string,
  Authorizer
>;

/** Loads every route of the API. */
export function apiRoutes(): Promise<ApiRoute[]> {
  return Promise.all(
    Object.values(routes).map(async ({ method, path, caller, entry }) => {
      const handler: ApiRoute['handler'] = await loadHandler(`http/${entry}`);
      return { method, path, authorizer: AUTHORIZERS[caller.kind], handler };
    }),
  );
}

/** Loads every handler of a rule on the bus. */
export function eventTargets(iam: IamSettings): Promise<Target[]> {
  return Promise.all(
    Object.values(eventHandlers).map(async ({ entry, pattern }) => {
      const invoke = await invoker<unknown, void>(entry, iam);
      return { name: entry, pattern, invoke };
    }),
  );
}

/** Loads every worker of the table's stream. */
export function streamSubscribers(
  iam: IamSettings,
  onError: (worker: string, error: unknown) => void,
): Promise<Subscriber[]> {
  return Promise.all(
    Object.values(streamWorkers).map(async ({ entry, filters }) => {
      const invoke = await invoker<DynamoDBStreamEvent, DynamoDBBatchResponse>(entry, iam);
      const worker = (records: readonly DynamoDBRecord[]) => invoke({ Records: [...records] });
      return subscribe({ name: entry, filters, worker }, onError);
    }),
  );
}

/** Loads a worker of a queue. */
export async function queueHandler({ entry, batchSize }: QueueWorker, iam: IamSettings) {
  return { batchSize, handler: await invoker<SQSEvent, SQSBatchResponse>(entry, iam) };
}

/** The event that EventBridge invokes a scheduled function with. */
interface ScheduledEvent {
  readonly id: string;
  readonly time: string;
}

/** Loads every scheduled function, by the name of its entry. */
export async function scheduledFunctions(iam: IamSettings) {
  return Promise.all(
    Object.values(schedules).map(async ({ entry, everyMinutes }) => ({
      name: entry.slice('schedules/'.length),
      everyMinutes,
      invoke: await invoker<ScheduledEvent, unknown>(entry, iam),
    })),
  );
}

async function invoker<Event, Result>(
  entry: string,
  iam: IamSettings,
): Promise<(event: Event) => Promise<Result>> {
  const handler: Handler<Event, Result> = await loadHandler(entry);
  return (event) => handler(event, lambdaContext(entry, iam, TIMEOUT_MS));
}
