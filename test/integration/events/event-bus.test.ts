import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventBus } from '../../../shared/adapters/aws/bus/event-bus.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { TestBus } from '../../harness/event-bus.ts';

let bus: TestBus;
beforeEach(async () => {
  bus = await TestBus.open();
});
afterEach(() => bus.close());

const events = (count: number): ConnectionEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    eventId: `event-${index}`,
    projectId: 'demo',
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type: 'renamed',
    at: '2026-03-03T14:05:59.000Z',
    actor: { type: 'system' },
    correlationId: 'request',
  }));

const ids = (list: readonly ConnectionEvent[]) => list.map(({ eventId }) => eventId);
const indexesOf = (failed: readonly { readonly index: number }[]) => failed.map(({ index }) => index);

let waits: number[];
function publisher(client: EventBridgeClient = bus.client()) {
  waits = [];
  const backoff = async (attempt: number) => void waits.push(attempt);
  return eventBus({ client, name: 'connections' }, { backoff });
}

/** A client of which the bus refuses entries, as many times as a list of codes is long. */
function refusing(refusals: Record<string, string[]>): EventBridgeClient {
  const client = bus.client();
  client.middlewareStack.add(
    (next) => async (args) => {
      const Entries = 'Entries' in args.input ? (args.input.Entries ?? []) : [];
      const codes = Entries.map((entry) => ('Detail' in entry ? refusals[idOf(entry)]?.shift() : undefined));
      const passed = Entries.filter((_, index) => codes[index] === undefined);
      const sent =
        passed.length > 0 ? await next({ ...args, input: { ...args.input, Entries: passed } }) : undefined;
      const taken = sent && 'Entries' in sent.output ? [...(sent.output.Entries ?? [])] : [];
      const results = codes.map((ErrorCode) => (ErrorCode === undefined ? taken.shift() : { ErrorCode }));
      const output = { $metadata: {}, FailedEntryCount: codes.length - passed.length, Entries: results };
      return { response: sent?.response, output };
    },
    { step: 'initialize' },
  );
  return client;
}

const idOf = ({ Detail = '{}' }: PutEventsRequestEntry) => String(JSON.parse(Detail).eventId);

/** A client whose requests fail on the wire, by their number over all attempts. */
function failing(fault: (attempt: number) => 'before' | 'after' | undefined): EventBridgeClient {
  const client = bus.client();
  let attempts = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const kind = fault(attempts);
      attempts += 1;
      const lost = Object.assign(new Error('No response came in time.'), { name: 'TimeoutError' });
      if (kind === 'before') throw lost;
      const response = await next(args);
      if (kind === 'after') throw lost;
      return response;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return client;
}

describe('publishing', () => {
  test('brings all of many to the bus, once and in order', async () => {
    expect(await publisher().publish(events(23))).toEqual([]);
    expect(bus.events()).toEqual(events(23));
  });

  test('repeats what was refused for the moment, and that alone', async () => {
    const client = refusing({
      'event-1': ['ThrottlingException', 'InternalFailure'],
      'event-3': ['ThrottlingException'],
    });
    expect(await publisher(client).publish(events(5))).toEqual([]);
    expect(ids(bus.events())).toEqual(['event-0', 'event-2', 'event-4', 'event-3', 'event-1']);
    expect(waits).toEqual([1, 2]);
  });

  test('stops at an event that is rejected again and again, and returns it with all that follow', async () => {
    const client = refusing({ 'event-3': Array(100).fill('ThrottlingException') });
    const failed = await publisher(client).publish(events(25));
    expect(indexesOf(failed)).toEqual([3, ...Array.from({ length: 15 }, (_, index) => index + 10)]);
    expect(ids(bus.events())).toEqual(ids(events(10).filter((_, index) => index !== 3)));
    expect(waits).toEqual([1, 2, 3, 4]);
  });

  test('continues after events that are never accepted, and returns them', async () => {
    const client = refusing({
      'event-3': ['MalformedDetail'],
      'event-4': ['InternalFailure', 'InvalidArgument'],
    });
    expect(indexesOf(await publisher(client).publish(events(12)))).toEqual([3, 4]);
    expect(ids(bus.events())).toEqual(ids(events(12).filter((_, index) => index !== 3 && index !== 4)));
  });

  test('returns an event that is too large alone', async () => {
    const list = events(3);
    const name = 'x'.repeat(262_144);
    const failed = await publisher().publish(list.map((one, at) => (at === 1 ? { ...one, name } : one)));
    expect(indexesOf(failed)).toEqual([1]);
    expect(String(failed[0]?.error)).toContain('ValidationException');
    expect(ids(bus.events())).toEqual(['event-0', 'event-2']);
  });

  test('loses nothing where an response is lost; what comes twice has the same id', async () => {
    const client = failing((attempt) => (attempt === 0 ? 'after' : attempt === 2 ? 'before' : undefined));
    expect(await publisher(client).publish(events(12))).toEqual([]);
    const first = ids(events(10));
    expect(ids(bus.events())).toEqual([...first, ...first, 'event-10', 'event-11']);
  });

  test('returns all that are left when the bus is out of reach, without trying them', async () => {
    let attempts = 0;
    const client = failing((attempt) => {
      attempts = attempt + 1;
      return attempt === 0 ? undefined : 'before';
    });
    expect(indexesOf(await publisher(client).publish(events(25)))).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 10),
    );
    expect(ids(bus.events())).toEqual(ids(events(10)));
    expect(attempts).toBe(4);
  });
});
