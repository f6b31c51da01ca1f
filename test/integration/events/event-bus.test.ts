import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventBus } from '../../../shared/adapters/aws/bus/event-bus.ts';
import type { FailedRecord } from '../../../shared/domain/events/relay.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { TestBus } from '../../harness/event-bus.ts';
import { BELOW_RETRIES, FaultInjector } from '../../harness/fault-injector.ts';

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
const indexesOf = (failed: readonly FailedRecord[]) => failed.map(({ index }) => index);

let waits: number[];
function publisher(client: EventBridgeClient = bus.client()) {
  waits = [];
  const backoff = async (attempt: number) => void waits.push(attempt);
  return eventBus({ client, name: 'connections' }, { backoff });
}

/** Returns a client whose entries the bus rejects, each once with every code of its list. */
function rejecting(codesById: Record<string, string[]>): EventBridgeClient {
  const client = bus.client();
  client.middlewareStack.add(
    (next) => async (args) => {
      const Entries = 'Entries' in args.input ? (args.input.Entries ?? []) : [];
      const codes = Entries.map((entry) => ('Detail' in entry ? codesById[idOf(entry)]?.shift() : undefined));
      const passed = Entries.filter((_, index) => codes[index] === undefined);
      const sent =
        passed.length > 0 ? await next({ ...args, input: { ...args.input, Entries: passed } }) : undefined;
      const accepted = sent && 'Entries' in sent.output ? [...(sent.output.Entries ?? [])] : [];
      const results = codes.map((ErrorCode) => (ErrorCode === undefined ? accepted.shift() : { ErrorCode }));
      const output = { $metadata: {}, FailedEntryCount: codes.length - passed.length, Entries: results };
      return { response: sent?.response, output };
    },
    { step: 'initialize' },
  );
  return client;
}

const idOf = ({ Detail = '{}' }: PutEventsRequestEntry) => String(JSON.parse(Detail).eventId);

/** Returns a client whose calls meet faults. */
function clientWith(injector: FaultInjector): EventBridgeClient {
  const client = bus.client();
  client.middlewareStack.add(
    (next, context) => (args) =>
      injector.intercept('eventbridge', { context, name: context.commandName ?? '' }, () => next(args)),
    BELOW_RETRIES,
  );
  return client;
}

describe('publishing events', () => {
  test('sends each event once, in order', async () => {
    expect(await publisher().publish(events(23))).toEqual([]);
    expect(bus.events()).toEqual(events(23));
  });

  test('repeats only the events that were rejected for a passing reason', async () => {
    const client = rejecting({
      'event-1': ['ThrottlingException', 'InternalFailure'],
      'event-3': ['ThrottlingException'],
    });
    expect(await publisher(client).publish(events(5))).toEqual([]);
    expect(ids(bus.events())).toEqual(['event-0', 'event-2', 'event-4', 'event-3', 'event-1']);
    expect(waits).toEqual([1, 2]);
  });

  test('stops at an event that keeps being rejected, and returns it with all that follow', async () => {
    const client = rejecting({ 'event-3': Array(100).fill('ThrottlingException') });
    const failed = await publisher(client).publish(events(25));
    expect(indexesOf(failed)).toEqual([3, ...Array.from({ length: 15 }, (_, index) => index + 10)]);
    expect(ids(bus.events())).toEqual(ids(events(10).filter((_, index) => index !== 3)));
    expect(waits).toEqual([1, 2, 3, 4]);
  });

  test('continues after events that are rejected for good, and returns them', async () => {
    const client = rejecting({
      'event-3': ['MalformedDetail'],
      'event-4': ['InternalFailure', 'InvalidArgument'],
    });
    expect(indexesOf(await publisher(client).publish(events(12)))).toEqual([3, 4]);
    expect(ids(bus.events())).toEqual(ids(events(12).filter((_, index) => index !== 3 && index !== 4)));
  });

  test('returns only the event that is too large', async () => {
    const list = events(3);
    const name = 'x'.repeat(262_144);
    const failed = await publisher().publish(list.map((one, at) => (at === 1 ? { ...one, name } : one)));
    expect(indexesOf(failed)).toEqual([1]);
    expect(String(failed[0]?.error)).toContain('ValidationException');
    expect(ids(bus.events())).toEqual(['event-0', 'event-2']);
  });

  test('loses nothing when a response is lost, and sends repeated events with the same id', async () => {
    const injector = new FaultInjector({
      faults: [
        { at: 0, kind: 'timeout_after', lasting: false },
        { at: 1, kind: 'timeout_before', lasting: false },
      ],
    });
    expect(await publisher(clientWith(injector)).publish(events(12))).toEqual([]);
    const first = ids(events(10));
    expect(ids(bus.events())).toEqual([...first, ...first, 'event-10', 'event-11']);
  });

  test('returns all remaining events when the bus is out of reach, without trying them', async () => {
    const injector = new FaultInjector({ faults: [{ at: 1, kind: 'timeout_before', lasting: true }] });
    expect(indexesOf(await publisher(clientWith(injector)).publish(events(25)))).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 10),
    );
    expect(ids(bus.events())).toEqual(ids(events(10)));
    expect(injector.calls).toHaveLength(2);
  });
});
