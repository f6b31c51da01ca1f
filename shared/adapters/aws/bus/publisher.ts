import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { EventBus, FailedRecord } from '../../../domain/events/relay.ts';
import type { Backoff } from '../../../domain/time.ts';
import { entryOf, type IndexedEntry, inRequests } from './batches.ts';
import type { Bus } from './client.ts';

const MAX_ATTEMPTS = 5;

/**
 * The codes that say that an entry, or a request, is not acceptable; every other passes, by itself or once
 * somebody has mended it.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
 */
const NEVER: ReadonlySet<string> = new Set(['InvalidArgument', 'MalformedDetail', 'ValidationException']);

/** Why the bus did not take an entry. */
class NotPublished extends Error {
  /** Whether it may be taken later. */
  readonly passes: boolean;
  /** Whether its whole request failed, which the SDK then has repeated already. */
  readonly wholeRequest: boolean;

  constructor(code: string, cause?: unknown) {
    super(`The event bus did not take the event: ${code}`, { cause });
    this.name = 'NotPublished';
    this.passes = !NEVER.has(code);
    this.wholeRequest = cause !== undefined;
  }
}

type Refused = IndexedEntry & { readonly error: NotPublished };

/** Publishes to a bus. A request whose answer is lost is repeated, so an event may come twice. */
export function eventBus(bus: Bus, { backoff }: { readonly backoff: Backoff }): EventBus {
  return {
    async publishEvents(events) {
      const failed: FailedRecord[] = [];
      let stopped: NotPublished | undefined;
      const all = events.map((event, place) => ({ place, entry: entryOf(event, bus.name) }));
      for (const request of inRequests(all)) {
        const error = stopped;
        const refused = error
          ? request.map((indexed) => ({ ...indexed, error }))
          : await publish(bus, request, backoff);
        stopped ??= refused.find((one) => one.error.passes)?.error;
        failed.push(...refused.map(({ place, error }) => ({ place, error })));
      }
      return failed;
    },
  };
}

/** Sends a request, and again those of its entries alone that were refused for the moment. */
async function publish(
  bus: Bus,
  request: readonly IndexedEntry[],
  backoff: Backoff,
): Promise<readonly Refused[]> {
  const never: Refused[] = [];
  let open: readonly IndexedEntry[] = request;
  let refused: readonly Refused[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    refused = await put(bus, open);
    never.push(...refused.filter(({ error }) => !error.passes));
    open = refused.filter(({ error }) => error.passes);
    if (open.length === 0 || refused.some(({ error }) => error.wholeRequest)) break;
    if (attempt < MAX_ATTEMPTS) await backoff(attempt);
  }
  return [...never, ...refused.filter(({ error }) => error.passes)];
}

async function put(bus: Bus, indexed: readonly IndexedEntry[]): Promise<readonly Refused[]> {
  try {
    const command = new PutEventsCommand({ Entries: indexed.map(({ entry }) => entry) });
    const { Entries = [] } = await bus.client.send(command);
    return indexed.flatMap((one, index) => {
      const { EventId, ErrorCode = 'no answer' } = Entries[index] ?? {};
      return EventId === undefined ? [{ ...one, error: new NotPublished(ErrorCode) }] : [];
    });
  } catch (cause) {
    const error = new NotPublished(cause instanceof Error ? cause.name : 'no answer', cause);
    return indexed.map((one) => ({ ...one, error }));
  }
}
