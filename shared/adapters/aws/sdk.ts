import { busy } from '../../domain/errors.ts';

/**
 * Connections of a client to its service at the same time. A worker checks up to 50 connections at once, some with two
 * calls. With the SDK's 50, calls wait for a connection, and the wait counts towards their time-outs.
 */
export const MAX_SOCKETS = 100;

/**
 * Configuration of every SDK client. Three attempts of 2 s, connecting included, fit into a function's shortest timeout,
 * 10 s, so that callers get a response of ours. By default the SDK waits without a limit.
 */
export const CLIENT_CONFIG = {
  maxAttempts: 3,
  requestHandler: {
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
    httpAgent: { maxSockets: MAX_SOCKETS },
    httpsAgent: { maxSockets: MAX_SOCKETS },
  },
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

/** Middleware of the SDK that takes time in every call, and that nothing here needs. */
const REMOVED = [
  // Copies every input and output without what is marked sensitive, even for a logger that drops all lines.
  'loggerMiddleware',
  // Names SDK and runtime in two headers, for AWS's own statistics. CloudTrail has the function's role.
  'getUserAgentMiddleware',
];

/**
 * Makes a client throw `busy` when AWS still throttles a call after the SDK's own attempts, and leaves out middleware that
 * nothing here needs.
 */
export function configureMiddleware<C extends Client>(client: C): C {
  for (const name of REMOVED) client.middlewareStack.remove(name);
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
