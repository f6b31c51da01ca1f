import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { EventBus, FailedRecord } from '../../../domain/events/relay.ts';
import type { Backoff } from '../../../domain/operation-context.ts';
import { EVENT_SOURCE } from '../../../domain/terms.ts';
import { detailType, type ServiceEvent } from '../../../messages/event.ts';
import { CLIENT_CONFIG } from '../sdk.ts';

/** An event bus and its client. */
export interface Bus {
  readonly client: EventBridgeClient;
  readonly name: string;
}

/** Opens an event bus by its name or ARN. Endpoint and credentials come from the SDK's environment variables. */
export function openBus(name: string): Bus {
  return { client: new EventBridgeClient(CLIENT_CONFIG), name };
}

const MAX_ATTEMPTS = 5;

/** Publishes to a bus. A request whose response is lost is repeated, so an event may be published twice. */
export function eventBus(bus: Bus, { backoff }: { readonly backoff: Backoff }): EventBus {
  return {
    async publish(events) {
      const failed: FailedRecord[] = [];
      let stoppedBy: PublishError | undefined;
      const all = events.map((event, index) => ({ index, entry: toEntry(event, bus.name) }));
      for (const request of toRequests(all)) {
        const error = stoppedBy;
        const rejected = error
          ? request.map((one) => ({ ...one, error }))
          : await publishRequest(bus, request, backoff);
        stoppedBy ??= rejected.find((one) => one.error.isRetryable)?.error;
        failed.push(...rejected.map(({ index, error }) => ({ index, error })));
      }
      return failed;
    },
  };
}

/** An entry with the index of its event. */
interface IndexedEntry {
  readonly index: number;
  readonly entry: PutEventsRequestEntry;
}

type RejectedEntry = IndexedEntry & { readonly error: PublishError };

/**
 * Error codes of an entry, or a request, that EventBridge will never accept.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
 */
const PERMANENT_CODES: ReadonlySet<string> = new Set([
  'InvalidArgument',
  'MalformedDetail',
  'ValidationException',
]);

/** Why the bus rejected an entry. */
class PublishError extends Error {
  readonly isRetryable: boolean;
  /** True if the whole request failed; the SDK has repeated it already. */
  readonly isWholeRequest: boolean;

  constructor(code: string, cause?: unknown) {
    super(`The event bus rejected the event: ${code}`, { cause });
    this.name = 'PublishError';
    this.isRetryable = !PERMANENT_CODES.has(code);
    this.isWholeRequest = cause !== undefined;
  }
}

/** Sends a request, and repeats it with the entries that were rejected for a passing reason. */
async function publishRequest(
  bus: Bus,
  request: readonly IndexedEntry[],
  backoff: Backoff,
): Promise<readonly RejectedEntry[]> {
  const permanent: RejectedEntry[] = [];
  let pending: readonly IndexedEntry[] = request;
  let rejected: readonly RejectedEntry[] = [];
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    rejected = await putEvents(bus, pending);
    permanent.push(...rejected.filter(({ error }) => !error.isRetryable));
    pending = rejected.filter(({ error }) => error.isRetryable);
    if (pending.length === 0 || rejected.some(({ error }) => error.isWholeRequest)) break;
    if (attempt < MAX_ATTEMPTS) await backoff(attempt);
  }
  return [...permanent, ...rejected.filter(({ error }) => error.isRetryable)];
}

async function putEvents(bus: Bus, entries: readonly IndexedEntry[]): Promise<readonly RejectedEntry[]> {
  try {
    const command = new PutEventsCommand({ Entries: entries.map(({ entry }) => entry) });
    const { Entries = [] } = await bus.client.send(command);
    return entries.flatMap((one, index) => {
      const { EventId, ErrorCode = 'no response' } = Entries[index] ?? {};
      return EventId === undefined ? [{ ...one, error: new PublishError(ErrorCode) }] : [];
    });
  } catch (cause) {
    const error = new PublishError(cause instanceof Error ? cause.name : 'no response', cause);
    return entries.map((one) => ({ ...one, error }));
  }
}

function toEntry(event: ServiceEvent, busName: string): PutEventsRequestEntry {
  return {
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: detailType(event),
    Detail: JSON.stringify(event),
    Time: new Date(event.at),
  };
}

/** Maximum entries of one request, and their maximum total size (below 256 KB). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_143;
/** Size that EventBridge counts for an entry's time. */
const TIME_BYTES = 14;

/**
 * Splits entries, in order, into requests of at most 10 entries and 256 KB. A single entry above the limit gets a request
 * of its own, so that EventBridge rejects nothing else with it.
 */
export function toRequests(entries: readonly IndexedEntry[]): readonly (readonly IndexedEntry[])[] {
  const requests: IndexedEntry[][] = [];
  let bytes = 0;
  for (const indexed of entries) {
    const size = sizeOf(indexed.entry);
    const request = requests.at(-1);
    if (request === undefined || request.length === MAX_ENTRIES || bytes + size > MAX_BYTES) {
      requests.push([indexed]);
      bytes = size;
    } else {
      request.push(indexed);
      bytes += size;
    }
  }
  return requests;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevents-event-entry-size */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const sizes = [Source, DetailType, Detail].map((text) => Buffer.byteLength(text));
  return TIME_BYTES + sizes.reduce((sum, size) => sum + size, 0);
}
