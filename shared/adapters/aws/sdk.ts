import { busy } from '../../domain/errors.ts';

/**
 * Configuration of every SDK client. Three attempts of 2 s fit into a function's shortest timeout, 10 s, so that callers
 * get a response of ours. By default the SDK waits without a limit.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/** The part of an SDK client that middleware needs. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: <A, O>(next: (args: A) => Promise<O>) => (args: A) => Promise<O>,
      options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
    ): void;
    remove(name: string): boolean;
  };
}

/**
 * Makes a client throw `busy` when AWS still throttles a call after the SDK's own attempts, and log nothing. The SDK's
 * own logging copies every input and output without what is marked sensitive, even for a logger that drops all lines:
 * a tenth of the time of a page.
 */
export function configureMiddleware<C extends Client>(client: C): C {
  client.middlewareStack.remove('loggerMiddleware');
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw isThrottling(error) ? busy() : error;
      }
    },
    { step: 'initialize', priority: 'high', name: 'mapThrottlingToBusy' },
  );
  return client;
}

function isThrottling(error: unknown): boolean {
  return error instanceof Error && THROTTLING.has(error.name);
}

/** Names of throttling errors in DynamoDB, Secrets Manager, SQS, EventBridge and SNS. */
const THROTTLING = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
