import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { idempotencyStore } from '../../../shared/adapters/aws/table/idempotency.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import {
  type ExecuteOnceOptions,
  type ExecuteOnceResult,
  executeOnce,
  type IdempotencyStore,
  newIdempotencyRecord,
} from '../../../shared/domain/idempotency.ts';
import type { Message } from '../../../shared/domain/notices/compose.ts';
import { type NoticeCollector, notifySubscribers } from '../../../shared/domain/notices/notify.ts';
import { DAY_SECONDS } from '../../../shared/domain/operation-context.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { AwsClientPool } from '../../harness/aws-clients.ts';
import { type Fault, FaultInjector, type FaultKind } from '../../harness/fault-injector.ts';
import { testTable } from '../../harness/table.ts';

const table = testTable();
const pool = new AwsClientPool();

/** Time after which the lock of an attempt has expired. */
const LOCK_EXPIRED_SECONDS = 61;
/** The first calls of an attempt that finds no record. */
const ACQUIRE = 0;
const COMPLETE = 1;

let now: Date;
beforeEach(() => {
  now = new Date('2026-03-03T14:06:00Z');
  // The SDK waits a random part of its backoff; zero makes it retry at once.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
});

function passSeconds(seconds: number): void {
  now = new Date(now.getTime() + seconds * 1000);
}

/** Opens the store in a process of its own, which meets these faults. */
function openStore(faults: readonly Fault[] = []): IdempotencyStore {
  const clients = pool.borrow(new FaultInjector({ faults }), true);
  onTestFinished(() => clients.giveBack());
  return idempotencyStore({ client: clients.dynamodb(), name: table().name });
}

const oneAttempt = (at: number, kind: FaultKind): Fault => ({ at, kind, lasting: false });
const everyAttempt = (at: number, kind: FaultKind): Fault => ({ at, kind, lasting: true });

/** Attempts to execute one operation once, under one key. */
class Attempts {
  readonly #key = randomUUID();
  readonly storeErrors: unknown[] = [];
  executions = 0;

  execute(
    faults: readonly Fault[] = [],
    options: Partial<ExecuteOnceOptions<unknown>> = {},
  ): Promise<ExecuteOnceResult<unknown>> {
    const context = { clock: { now: () => now }, ids: { next: randomUUID } };
    const record = newIdempotencyRecord({ key: this.#key }, DAY_SECONDS, context);
    const { operation = async () => 'made' } = options;
    return executeOnce<unknown>(
      record,
      {
        onStoreError: (error) => this.storeErrors.push(error),
        ...options,
        operation: () => {
          this.executions += 1;
          return operation();
        },
      },
      { store: openStore(faults), clock: context.clock },
    );
  }
}

const EXECUTED = { outcome: 'executed', result: 'made' };
const REPLAYED = { outcome: 'replayed', result: 'made' };
const IN_PROGRESS = { outcome: 'in_progress' };

describe('an operation that must take effect once', () => {
  test.each([ACQUIRE, COMPLETE])('is executed once if the response to call %i is lost', async (at) => {
    const attempts = new Attempts();
    expect(await attempts.execute([oneAttempt(at, 'timeout_after')])).toEqual(EXECUTED);
    expect(await attempts.execute()).toEqual(REPLAYED);
    expect([attempts.executions, attempts.storeErrors]).toEqual([1, []]);
  });

  test.each(['throttled', 'server_error', 'timeout_before'] as const)(
    'is not executed if the key cannot be acquired: %s',
    async (kind) => {
      const attempts = new Attempts();
      await expect(attempts.execute([everyAttempt(ACQUIRE, kind)])).rejects.toThrow();
      expect(attempts.executions).toBe(0);
      expect(await attempts.execute()).toEqual(EXECUTED);
    },
  );

  test.each(['throttled', 'server_error', 'timeout_before'] as const)(
    'succeeds if its result cannot be stored, and is executed again once the lock expired: %s',
    async (kind) => {
      const attempts = new Attempts();
      expect(await attempts.execute([everyAttempt(COMPLETE, kind)])).toEqual(EXECUTED);
      expect(attempts.storeErrors).toEqual([expect.any(Error)]);
      expect(await attempts.execute()).toEqual(IN_PROGRESS);
      passSeconds(LOCK_EXPIRED_SECONDS);
      expect(await attempts.execute()).toEqual(EXECUTED);
      expect(attempts.executions).toBe(2);
    },
  );

  test.each([
    [ACQUIRE, 'crash_before', 0, EXECUTED],
    [ACQUIRE, 'crash_after', 0, EXECUTED],
    // The crashed process cannot record that it executed the operation.
    [COMPLETE, 'crash_before', 1, EXECUTED],
    [COMPLETE, 'crash_after', 1, REPLAYED],
  ] as const)(
    'after call %i with %s was executed %i times; the next result is %o',
    async (at, kind, ...expected) => {
      const attempts = new Attempts();
      await attempts.execute([oneAttempt(at, kind)]).catch(() => undefined);
      passSeconds(LOCK_EXPIRED_SECONDS);
      expect([attempts.executions, await attempts.execute()]).toEqual(expected);
    },
  );

  test('succeeds if its result is larger than an item', async () => {
    const operation = async () => 'x'.repeat(410 * 1024);
    const attempts = new Attempts();
    expect(await attempts.execute([], { operation })).toMatchObject({ outcome: 'executed' });
    expect(attempts.storeErrors).toEqual([expect.objectContaining({ name: 'ValidationException' })]);
  });

  test('is executed by one of several simultaneous attempts', async () => {
    const attempts = new Attempts();
    const results = await Promise.all([1, 2, 3, 4].map(() => attempts.execute()));
    expect(attempts.executions).toBe(1);
    expect(results.filter(({ outcome }) => outcome === 'executed')).toEqual([EXECUTED]);
  });

  test('is taken over by one of several simultaneous attempts once the lock expired', async () => {
    const attempts = new Attempts();
    await attempts.execute([oneAttempt(COMPLETE, 'crash_before')]);
    passSeconds(LOCK_EXPIRED_SECONDS);
    await Promise.all([1, 2, 3, 4].map(() => attempts.execute()));
    expect(attempts.executions).toBe(2);
  });

  test.each([
    ['completes', () => Promise.resolve('old')],
    ['fails', () => Promise.reject(new Error('late'))],
  ] as const)('keeps the result of the attempt that took over when the late owner %s', async (_how, end) => {
    const attempts = new Attempts();
    const operation = async () => {
      passSeconds(LOCK_EXPIRED_SECONDS);
      await attempts.execute();
      return end();
    };
    await Promise.allSettled([attempts.execute([], { operation })]);
    expect(await attempts.execute()).toEqual(REPLAYED);
    expect(attempts.executions).toBe(2);
  });

  test('that failed, or whose result is not final, is executed by the next attempt', async () => {
    const attempts = new Attempts();
    const operation = () => Promise.reject(new Error('failed'));
    await expect(attempts.execute([], { operation })).rejects.toThrow('failed');
    expect(await attempts.execute([], { isFinal: () => false })).toEqual(EXECUTED);
    expect(await attempts.execute()).toEqual(EXECUTED);
    expect(await attempts.execute()).toEqual(REPLAYED);
  });

  test('is refused for another request with the same key', async () => {
    const attempts = new Attempts();
    await attempts.execute();
    const requireSameRequest = () => Promise.reject(new Error('another request'));
    await expect(attempts.execute([], { requireSameRequest })).rejects.toThrow('another request');
  });

  test('is executed anew after its record expired', async () => {
    const attempts = new Attempts();
    await attempts.execute();
    passSeconds(DAY_SECONDS + 1);
    expect(await attempts.execute()).toEqual(EXECUTED);
  });
});

function statusChange(type: ConnectionEvent['type'] = 'status_changed'): ConnectionEvent {
  return {
    eventId: randomUUID(),
    projectId: 'demo',
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type,
    at: '2026-03-03T14:05:59.000Z',
    actor: { type: 'system' },
    correlationId: 'request',
    to: { status: 'inactive' },
    reason: 'access_revoked',
  };
}

/** Every notice is the first of its project, so that it is sent at once. */
const NO_WINDOW: NoticeCollector = {
  openWindow: async () => true,
  add: async () => false,
  async *endedWindows() {
    // No project has a window.
  },
  collected: async () => [],
  removeSent: async () => undefined,
  closeWindow: async () => undefined,
};

/** Collects the messages that are sent. */
class Topic {
  readonly messages: Message[] = [];
  isDown = false;

  notify(event: ConnectionEvent, idempotency = openStore()) {
    const send = async (message: Message) => {
      if (this.isDown) throw new Error('The topic is out of reach.');
      this.messages.push(message);
    };
    const context = { ...createBaseContext({ now: () => now }), correlationId: 'test', catalog };
    return notifySubscribers(event, {
      ...context,
      idempotency,
      notifier: { consoleUrl: undefined, send },
      notices: NO_WINDOW,
    });
  }
}

describe('a notice', () => {
  test('is sent once, however often its event is delivered, replays of the archive included', async () => {
    const topic = new Topic();
    const event = statusChange();
    for (const days of [0, 1, 43]) {
      passSeconds(days * DAY_SECONDS);
      // Only a notice that was sent is counted.
      expect(await topic.notify(event)).toBe(days === 0 ? 'inactive' : null);
    }
    expect(topic.messages).toHaveLength(1);
    await topic.notify(statusChange());
    expect(topic.messages).toHaveLength(2);
  });

  test('is sent by one of several simultaneous deliveries; the others are retried', async () => {
    const topic = new Topic();
    const event = statusChange();
    const results = await Promise.allSettled([1, 2, 3, 4, 5].map(() => topic.notify(event)));
    expect(topic.messages).toHaveLength(1);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ code: 'busy' });
  });

  test('that could not be sent is sent by the next delivery', async () => {
    const topic = new Topic();
    const event = statusChange();
    topic.isDown = true;
    await expect(topic.notify(event)).rejects.toThrow('out of reach');
    topic.isDown = false;
    await topic.notify(event);
    expect(topic.messages).toHaveLength(1);
  });

  test('of an event that concerns no subscriber makes no call', async () => {
    const topic = new Topic();
    await topic.notify(statusChange('renamed'), openStore([everyAttempt(ACQUIRE, 'server_error')]));
    expect(topic.messages).toEqual([]);
  });
});
