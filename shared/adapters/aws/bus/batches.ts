import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { type ConnectionEvent, detailType, EVENT_SOURCE } from '../../../messages/connection-event.ts';

/** An event on its way, with its place in the list that it came in. */
export interface IndexedEntry {
  readonly place: number;
  readonly entry: PutEventsRequestEntry;
}

/** Most entries of one request, and most bytes of all of them together (less than 256 KB). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 262_143;
/** What an entry's time counts for. */
const TIME_BYTES = 14;

/** The event as PutEvents takes it. */
export function entryOf(event: ConnectionEvent, busName: string): PutEventsRequestEntry {
  return {
    EventBusName: busName,
    Source: EVENT_SOURCE,
    DetailType: detailType(event),
    Detail: JSON.stringify(event),
    Time: new Date(event.at),
  };
}

/**
 * Cuts a list, in order, into requests of at most 10 entries and 256 KB. One that is too large by itself goes
 * alone, and is refused alone.
 */
export function inRequests(all: readonly IndexedEntry[]): readonly (readonly IndexedEntry[])[] {
  const requests: IndexedEntry[][] = [];
  let bytes = 0;
  for (const indexed of all) {
    const size = sizeOf(indexed.entry);
    const open = requests.at(-1);
    if (open === undefined || open.length === MAX_ENTRIES || bytes + size > MAX_BYTES) {
      requests.push([indexed]);
      bytes = size;
    } else {
      open.push(indexed);
      bytes += size;
    }
  }
  return requests;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevents-event-entry-size */
function sizeOf({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail].map((text) => Buffer.byteLength(text));
  return TIME_BYTES + texts.reduce((sum, size) => sum + size, 0);
}
