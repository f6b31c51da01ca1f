import { DomainError } from '../../domain/errors.ts';

/**
 * How long a call to AWS may take, and how often it is made. Five tries of 4 s fit into what API Gateway waits, 30 s;
 * of itself the SDK would wait for an answer for ever.
 */
export const PATIENCE = {
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
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
export function tellingBusy<C extends Client>(client: C): C {
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

/** Too much at once: the same will go well a little later. */
export function busy(): DomainError {
  return new DomainError({ code: 'busy', retryAfterSeconds: 1 }, 'Many changes at once; try again.');
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
