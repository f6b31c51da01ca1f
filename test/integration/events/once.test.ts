import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import { onceLog } from '../../../shared/adapters/aws/table/once.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Notice } from '../../../shared/domain/notices/notice.ts';
import { notifyPeople } from '../../../shared/domain/notices/notify.ts';
import type { OnceLog } from '../../../shared/domain/once.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine({});
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.url,
  });
  await createTable('once', engine.url);
});
afterAll(() => engine.close());

let events = 0;
function event(): ConnectionEvent {
  events += 1;
  return {
    eventId: `event-${events}`,
    projectId: 'demo',
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type: 'status_changed',
    at: '2026-03-03T14:05:59.000Z',
    actor: { type: 'system' },
    correlationId: 'request',
    to: { status: 'inactive' },
    reason: 'access_revoked',
  };
}

/** People, and what they were told. */
class People {
  readonly told: Notice[] = [];
  now = new Date('2026-03-03T14:06:00Z');

  tell(
    about: ConnectionEvent,
    { log = onceLog(openTable('once')), fail = false }: { log?: OnceLog; fail?: boolean } = {},
  ): Promise<void> {
    const sendNotice = async (notice: Notice) => {
      if (fail) throw new Error('The topic is out of reach.');
      this.told.push(notice);
    };
    const ports = {
      ...createBaseContext(catalog, { now: () => this.now }),
      correlationId: 'test',
      ...log,
      sendNotice,
    };
    return notifyPeople(about, ports);
  }

  pass(seconds: number): void {
    this.now = new Date(this.now.getTime() + seconds * 1000);
  }
}

type Fault = 'crash' | 'lost answer';

/**
 * The table over a wire on which a fault befalls the first attempt of a call, before or after it takes effect.
 * After a crash nothing goes over it any more.
 */
function faulty(at: number, when: 'before' | 'after', fault: Fault): Table {
  const table = openTable('once');
  let attempts = 0;
  let dead = false;
  const strike = () => {
    dead = fault === 'crash';
    throw Object.assign(new Error('Injected.'), { name: dead ? 'Crash' : 'TimeoutError' });
  };
  table.client.middlewareStack.add(
    (next) => async (args) => {
      const struck = dead || attempts === at;
      attempts += 1;
      if (struck && (dead || when === 'before')) strike();
      const answer = await next(args);
      if (struck) strike();
      return answer;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return table;
}

describe('a notice', () => {
  test('is sent once, however often its event is delivered', async () => {
    const people = new People();
    const about = event();
    for (const days of [0, 1, 44]) {
      people.pass(days * 24 * 60 * 60 - days);
      await people.tell(about);
    }
    expect(people.told).toHaveLength(1);
    await people.tell(event());
    expect(people.told).toHaveLength(2);
  });

  test('is sent by one of several deliveries at the same time', async () => {
    const people = new People();
    const about = event();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => people.tell(about)));
    expect(people.told).toHaveLength(1);
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ code: 'busy' });
  });

  test('that could not be sent is sent with the next delivery', async () => {
    const people = new People();
    const about = event();
    await expect(people.tell(about, { fail: true })).rejects.toThrow('out of reach');
    await people.tell(about);
    expect(people.told).toHaveLength(1);
  });

  test('of an event that nobody has to know asks nothing of the table', async () => {
    const people = new People();
    await people.tell({ ...event(), type: 'renamed' }, { log: onceLog(faulty(0, 'before', 'crash')) });
    expect(people.told).toEqual([]);
  });

  // Call 0 claims, call 1 settles.
  test.each([
    [0, 'before', 'crash', 0, 1],
    [0, 'after', 'crash', 0, 1],
    // It was sent and nobody knows: to send it once more is the least that loses nothing.
    [1, 'before', 'crash', 1, 2],
    [1, 'after', 'crash', 1, 1],
    [0, 'before', 'lost answer', 1, 1],
    [0, 'after', 'lost answer', 1, 1],
    [1, 'before', 'lost answer', 1, 1],
    [1, 'after', 'lost answer', 1, 1],
  ] as const)(
    'is not lost where call %i meets, %s it takes effect, a %s',
    async (at, when, fault, first, last) => {
      const people = new People();
      const about = event();
      await Promise.allSettled([people.tell(about, { log: onceLog(faulty(at, when, fault)) })]);
      expect(people.told).toHaveLength(first);
      people.pass(61);
      await people.tell(about);
      expect(people.told).toHaveLength(last);
    },
  );
});
