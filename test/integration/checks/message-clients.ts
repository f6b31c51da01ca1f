import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { openBus } from '../../../shared/adapters/aws/bus/client.ts';
import { openTopic } from '../../../shared/adapters/aws/notices/topic.ts';
import { openQueue } from '../../../shared/adapters/aws/queue/client.ts';
import { BELOW_RETRIES, FaultInjector } from '../../harness/fault-injector.ts';

/** A client, and the wire of the process that has it just now. */
interface Wired<C> {
  readonly client: C;
  wire: FaultInjector;
}

/** Clients of one service that processes take turns with: making one takes longer than what it is made for. */
class Pool<C extends { destroy(): void }> {
  readonly #make: (carry: FaultInjector['intercept']) => C;
  readonly #idle: Wired<C>[] = [];

  constructor(make: (carry: FaultInjector['intercept']) => C) {
    this.#make = make;
  }

  lend(wire: FaultInjector): Wired<C> {
    const wired = this.#idle.pop() ?? this.#fresh();
    wired.wire = wire;
    return wired;
  }

  /** A client that met faults is spent: the SDK remembers, and tries again less often. */
  takeBack(wired: Wired<C>, spent: boolean): void {
    if (spent) wired.client.destroy();
    else this.#idle.push(wired);
  }

  close(): void {
    for (const { client } of this.#idle) client.destroy();
  }

  #fresh(): Wired<C> {
    const seat = { wire: new FaultInjector({}) };
    const client = this.#make((...call) => seat.wire.intercept(...call));
    return Object.assign(seat, { client });
  }
}

/** The clients of one test file that carry messages. The SDK's own variables say where to. */
export class MessageClients {
  readonly #sqs = new Pool<SQSClient>((carry) => {
    const { client } = openQueue('');
    client.middlewareStack.add(
      (next, context) => (args) => carry('sqs', context, () => next(args)),
      BELOW_RETRIES,
    );
    return client;
  });
  readonly #sns = new Pool<SNSClient>((carry) => {
    const { client } = openTopic('');
    client.middlewareStack.add(
      (next, context) => (args) => carry('sns', context, () => next(args)),
      BELOW_RETRIES,
    );
    return client;
  });
  readonly #eventBridge = new Pool<EventBridgeClient>((carry) => {
    const { client } = openBus('');
    client.middlewareStack.add(
      (next, context) => (args) => carry('eventbridge', context, () => next(args)),
      BELOW_RETRIES,
    );
    return client;
  });

  /** The clients of one process, each lent when it is first asked for. */
  lend(wire: FaultInjector, spent: boolean): Lent {
    const returns: (() => void)[] = [];
    const lazily = <C extends { destroy(): void }>(pool: Pool<C>) => {
      let wired: Wired<C> | undefined;
      return () => {
        if (!wired) {
          const taken = pool.lend(wire);
          returns.push(() => pool.takeBack(taken, spent));
          wired = taken;
        }
        return wired.client;
      };
    };
    return {
      sqs: lazily(this.#sqs),
      sns: lazily(this.#sns),
      eventBridge: lazily(this.#eventBridge),
      takeBack: () => {
        for (const give of returns) give();
      },
    };
  }

  close(): void {
    this.#sqs.close();
    this.#sns.close();
    this.#eventBridge.close();
  }
}

/** What a process is lent until it ends. */
export interface Lent {
  readonly sqs: () => SQSClient;
  readonly sns: () => SNSClient;
  readonly eventBridge: () => EventBridgeClient;
  takeBack(): void;
}
