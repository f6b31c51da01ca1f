import { setTimeout } from 'node:timers/promises';
import { busy } from '../../domain/errors.ts';

/**
 * How long a call to AWS may take, and how often it is made. Three tries of 2 s fit into the shortest time that a
 * function has, 10 s, so that the caller gets an answer of ours; of itself the SDK would wait for ever.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/** What a client of the SDK has, whatever its service. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: <A, O>(next: (args: A) => Promise<O>) => (args: A) => Promise<O>,
      options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
    ): void;
  };
}

/** Has a client tell `busy` where AWS would take no more calls, once the SDK's own tries are used up. */
export function mapThrottlingToBusy<C extends Client>(client: C): C {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isThrottling(error) ? busy() : error;
      }
    },
    { step: 'initialize', priority: 'high', name: 'tellBusy' },
  );
  return client;
}

const FIRST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1_000;

/** Waits before a try after the `tries`-th: anywhere between nothing and a bound that doubles up to a second. */
export async function pause(tries: number): Promise<void> {
  const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
  await setTimeout(Math.random() * bound);
}

function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLING.has(error.name);
}

/** As DynamoDB, Secrets Manager, SQS, EventBridge and SNS name it. */
const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
