import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { openBus } from '../../shared/adapters/aws/bus/event-bus.ts';
import { openTopic } from '../../shared/adapters/aws/notices/topic.ts';
import { openQueue } from '../../shared/adapters/aws/queue/check-queue.ts';
import { openSecrets } from '../../shared/adapters/aws/secrets/credential-store.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { lazy } from '../../shared/runtime/lazy.ts';
import { callName } from './credential-store.ts';
import { BELOW_RETRIES, FaultInjector, type Service } from './fault-injector.ts';
import type { RequestHandler } from './request-handlers.ts';

/** The clients of one process, each borrowed when it is first needed. Their calls pass its fault injector. */
export interface AwsClients {
  readonly dynamodb: () => DynamoDBDocumentClient;
  readonly secretsManager: () => SecretsManagerClient;
  readonly sqs: () => SQSClient;
  readonly sns: () => SNSClient;
  readonly eventBridge: () => EventBridgeClient;
  /** Returns the borrowed clients to the pool. */
  giveBack(): void;
}

/**
 * Clients of the production adapters for processes to borrow, because creating a client takes longer than most
 * processes of a test run. Endpoints come from the SDK's environment variables.
 */
export class AwsClientPool {
  readonly #dynamodb: Pool<DynamoDBDocumentClient>;
  readonly #secretsManager: Pool<SecretsManagerClient>;
  readonly #sqs = new Pool('sqs', () => openQueue('').client);
  readonly #sns = new Pool('sns', () => openTopic('').client);
  readonly #eventBridge = new Pool('eventbridge', () => openBus('').client);

  /** @param handlers their transports; the SDK's own unless given, to the endpoints of the environment. */
  constructor(
    handlers: { readonly dynamodb?: RequestHandler; readonly secretsManager?: RequestHandler } = {},
  ) {
    this.#dynamodb = new Pool('dynamodb', () => withHandler(openTable('').client, handlers.dynamodb));
    this.#secretsManager = new Pool('secretsmanager', () =>
      withHandler(openSecrets({ prefix: '', kmsKeyId: undefined, tags: {} }).client, handlers.secretsManager),
    );
  }

  borrow(injector: FaultInjector, meetsFaults: boolean): AwsClients {
    const returns: (() => void)[] = [];
    const borrowFrom = <C extends Client>(pool: Pool<C>) =>
      lazy(() => {
        const borrowed = pool.borrow(injector);
        returns.push(() => pool.giveBack(borrowed, meetsFaults));
        return borrowed.client;
      });
    return {
      dynamodb: borrowFrom(this.#dynamodb),
      secretsManager: borrowFrom(this.#secretsManager),
      sqs: borrowFrom(this.#sqs),
      sns: borrowFrom(this.#sns),
      eventBridge: borrowFrom(this.#eventBridge),
      giveBack: () => {
        for (const giveBack of returns) giveBack();
      },
    };
  }

  close(): void {
    const pools = [this.#dynamodb, this.#secretsManager, this.#sqs, this.#sns, this.#eventBridge];
    for (const pool of pools) pool.close();
  }
}

function withHandler<C extends { readonly config: { requestHandler: RequestHandler } }>(
  client: C,
  handler: RequestHandler | undefined,
): C {
  if (handler) client.config.requestHandler = handler;
  return client;
}

/** The part of an SDK client that the pool needs. */
interface Client {
  destroy(): void;
  readonly middlewareStack: {
    add(
      middleware: <A extends { readonly input: unknown }, R extends { response: unknown }>(
        next: (args: A) => Promise<R>,
        context: { readonly commandName?: string },
      ) => (args: A) => Promise<R | { response: unknown }>,
      options: typeof BELOW_RETRIES,
    ): void;
  };
}

interface PooledClient<C> {
  readonly client: C;
  /** The injector of the process that has borrowed the client. */
  injector: FaultInjector;
}

class Pool<C extends Client> {
  readonly #service: Exclude<Service, 'provider'>;
  readonly #create: () => C;
  readonly #idle: PooledClient<C>[] = [];

  constructor(service: Exclude<Service, 'provider'>, create: () => C) {
    this.#service = service;
    this.#create = create;
  }

  borrow(injector: FaultInjector): PooledClient<C> {
    const pooled = this.#idle.pop() ?? this.#createPooled();
    pooled.injector = injector;
    return pooled;
  }

  /** A client that met faults is destroyed: the SDK remembers them, and makes fewer attempts afterwards. */
  giveBack(pooled: PooledClient<C>, metFaults: boolean): void {
    if (metFaults) pooled.client.destroy();
    else this.#idle.push(pooled);
  }

  close(): void {
    for (const { client } of this.#idle) client.destroy();
  }

  #createPooled(): PooledClient<C> {
    const pooled = { client: this.#create(), injector: new FaultInjector() };
    pooled.client.middlewareStack.add(
      (next, context) => (args) => {
        const name = callName(context.commandName, args.input);
        return pooled.injector.intercept(this.#service, { context, name }, () => next(args));
      },
      BELOW_RETRIES,
    );
    return pooled;
  }
}
