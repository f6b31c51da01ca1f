import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type AwsJsonService, ServiceException } from '../../local/aws-json-server.ts';

/**
 * Calls of a client to a stand-in of this process that leave out the SDK's serialization, signing and retries, which take
 * ten times as long as the rest of a call. For calls that meet no fault: one that does passes the whole SDK.
 */
export interface DirectCalls {
  /** Adds the middleware that calls `send`, where a request has the service's own form. */
  addTo(stack: MiddlewareStack, middleware: Middleware): void;
  /**
   * @param body the request's JSON.
   * @throws the SDK's exception for a request that the service refuses.
   */
  send(commandName: string, body: string): Promise<DirectResponse>;
}

interface DirectResponse {
  readonly output: object;
  readonly response: object;
}

export type Middleware = <A extends { readonly input: unknown }, R extends { response: unknown }>(
  next: (args: A) => Promise<R>,
  context: { readonly commandName?: string },
) => (args: A) => Promise<R | { response: unknown }>;

/** The part of the SDK's middleware stack that is needed here. */
export interface MiddlewareStack {
  add(middleware: Middleware, options: { readonly step: 'serialize'; readonly priority: 'high' }): void;
  addRelativeTo(
    middleware: Middleware,
    options: { readonly relation: 'after'; readonly toMiddleware: string },
  ): void;
}

export const REGION = 'eu-west-1';

type Exception = new (options: { readonly message: string; readonly $metadata: object }) => Error;

const TABLE_EXCEPTIONS: Readonly<Record<string, Exception>> = {
  ConditionalCheckFailedException: dynamodb.ConditionalCheckFailedException,
  IdempotentParameterMismatchException: dynamodb.IdempotentParameterMismatchException,
  ResourceNotFoundException: dynamodb.ResourceNotFoundException,
  TransactionCanceledException: dynamodb.TransactionCanceledException,
};

const SECRET_EXCEPTIONS: Readonly<Record<string, Exception>> = {
  InvalidParameterException: secretsManager.InvalidParameterException,
  InvalidRequestException: secretsManager.InvalidRequestException,
  ResourceExistsException: secretsManager.ResourceExistsException,
  ResourceNotFoundException: secretsManager.ResourceNotFoundException,
};

/** Calls a stand-in for DynamoDB from document clients. */
export function directTableCalls(service: AwsJsonService): DirectCalls {
  return {
    addTo: (stack, middleware) =>
      stack.addRelativeTo(middleware, { relation: 'after', toMiddleware: 'DocumentMarshall' }),
    async send(commandName, body) {
      const output = await perform(service, commandName, body, TABLE_EXCEPTIONS);
      return { output: unmarshalled(output), response: {} };
    },
  };
}

/** Calls a stand-in for Secrets Manager. */
export function directSecretCalls(service: AwsJsonService): DirectCalls {
  const isTime = (key: string) => key.endsWith('Date');
  return {
    addTo: (stack, middleware) => stack.add(middleware, { step: 'serialize', priority: 'high' }),
    async send(commandName, body) {
      const text = JSON.stringify(await perform(service, commandName, body, SECRET_EXCEPTIONS));
      const output: object = JSON.parse(text, (key, value) => (isTime(key) ? new Date(value * 1000) : value));
      return { output, response: {} };
    },
  };
}

/** Lets other work of this process go first, as a call over the network does. */
const otherWork = () => new Promise((resolve) => setImmediate(resolve));

async function perform(
  service: AwsJsonService,
  commandName: string,
  body: string,
  exceptions: Readonly<Record<string, Exception>>,
): Promise<object> {
  await otherWork();
  try {
    return service.perform(commandName.replace(/Command$/, ''), body, REGION);
  } catch (error) {
    const Exception = error instanceof ServiceException && exceptions[error.type];
    if (!Exception) throw error;
    throw new Exception({ message: error.message, $metadata: {}, ...error.details });
  }
}

type Output = Readonly<Record<string, unknown>>;
type Attributes = Record<string, dynamodb.AttributeValue>;

/** The members of DynamoDB's responses that hold items. */
interface Items {
  readonly Item?: Attributes;
  readonly Items?: readonly Attributes[];
  readonly LastEvaluatedKey?: Attributes;
  readonly Responses?: Readonly<Record<string, readonly Attributes[]>>;
}

function unmarshalled(output: Items): Output {
  const { Item, Items, LastEvaluatedKey, Responses } = output;
  const inTables = Object.entries(Responses ?? {}).map(([table, items]) => [
    table,
    items.map((item) => unmarshall(item)),
  ]);
  return {
    ...output,
    ...(Item && { Item: unmarshall(Item) }),
    ...(Items && { Items: Items.map((item) => unmarshall(item)) }),
    ...(LastEvaluatedKey && { LastEvaluatedKey: unmarshall(LastEvaluatedKey) }),
    ...(Responses && { Responses: Object.fromEntries(inTables) }),
  };
}
