import { insertedEntry } from '../../shared/adapters/aws/table/stream-records.ts';
import { streamWorkers } from '../../shared/contract/background/index.ts';
import { relayEntries } from '../../shared/domain/events/relay.ts';
import { onStreamBatch } from '../../shared/runtime/background/stream.ts';
import { wiring } from '../wiring/index.ts';

/** The history is the outbox: this function alone publishes to the bus. */
export const handler = onStreamBatch(
  streamWorkers.relayEvents,
  { parse: insertedEntry, handle: relayEntries },
  wiring,
);
