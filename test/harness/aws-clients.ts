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
import type { DirectCalls, Middleware, MiddlewareStack } from './direct-calls.ts';
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

/** A service of this process: the transport of calls that meet faults, and direct calls for the others. */
interface InProcessService {
  readonly handler: RequestHandler;
  readonly calls: DirectCalls;
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

  /** @param services those of this process; the endpoints of the environment unless given. */
  constructor({ dynamodb, secretsManager }: InProcessServices = {}) {
    this.#dynamodb = new Pool('dynamodb', () => withHandler(openTable('').client, dynamodb), dynamodb?.calls);
    this.#secretsManager = new Pool(
      'secretsmanager',
      () => withHandler(openSecrets({ prefix: '', kmsKeyId: undefined, tags: {} }).client, secretsManager),
      secretsManager?.calls,
    );
  }

  borrow(injector: FaultInjector, meetsFaults: boolean): AwsClients {
    const returns: (() => void)[] = [];
    const borrowFrom = <C extends Client>(pool: Pool<C>) =>
      lazy(() => {
        const borrowed = pool.borrow(injector, meetsFaults);
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

interface InProcessServices {
  readonly dynamodb?: InProcessService;
  readonly secretsManager?: InProcessService;
}

function withHandler<C extends { readonly config: { requestHandler: RequestHandler } }>(
  client: C,
  service: InProcessService | undefined,
): C {
  if (service) client.config.requestHandler = service.handler;
  return client;
}

/** The part of an SDK client that the pool needs. */
interface Client {
  destroy(): void;
  readonly middlewareStack: MiddlewareStack & {
    add(middleware: Middleware, options: typeof BELOW_RETRIES): void;
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
  readonly #directCalls: DirectCalls | undefined;
  readonly #idle: PooledClient<C>[] = [];

  constructor(service: Exclude<Service, 'provider'>, create: () => C, directCalls?: DirectCalls) {
    this.#service = service;
    this.#create = create;
    this.#directCalls = directCalls;
  }

  /** A client that meets faults is a new one: the SDK remembers them, and makes fewer attempts afterwards. */
  borrow(injector: FaultInjector, meetsFaults: boolean): PooledClient<C> {
    const pooled = (meetsFaults ? undefined : this.#idle.pop()) ?? this.#createPooled(meetsFaults);
    pooled.injector = injector;
    return pooled;
  }

  giveBack(pooled: PooledClient<C>, metFaults: boolean): void {
    if (metFaults) pooled.client.destroy();
    else this.#idle.push(pooled);
  }

  close(): void {
    for (const { client } of this.#idle) client.destroy();
  }

  #createPooled(meetsFaults: boolean): PooledClient<C> {
    const pooled: PooledClient<C> = { client: this.#create(), injector: new FaultInjector() };
    const { middlewareStack } = pooled.client;
    const direct = this.#directCalls;
    direct?.addTo(middlewareStack, this.#directMiddleware(pooled, direct));
    if (meetsFaults || !direct) middlewareStack.add(this.#sdkMiddleware(pooled), BELOW_RETRIES);
    return pooled;
  }

  /** Sends the calls that meet no fault of the SDK's. */
  #directMiddleware(pooled: PooledClient<C>, direct: DirectCalls): Middleware {
    return (next, context) => (args) => {
      const { injector } = pooled;
      const { commandName = '' } = context;
      const body = JSON.stringify(args.input);
      const call = { context, name: callName(commandName, body) };
      if (injector.meetsFault(this.#service, call)) return next(args);
      return injector.intercept(this.#service, call, () => direct.send(commandName, body));
    };
  }

  #sdkMiddleware(pooled: PooledClient<C>): Middleware {
    return (next, context) => (args) => {
      const call = { context, name: callName(context.commandName, JSON.stringify(args.input)) };
      return pooled.injector.intercept(this.#service, call, () => next(args));
    };
  }
}
