import { streamWorkers } from '../../shared/contract/background/index.ts';
import { relayEntries } from '../../shared/domain/events/relay.ts';
import { onStreamTogether } from '../../shared/runtime/background/stream.ts';
import { eventsPublish } from '../wiring/bus.ts';
import { writtenEntry } from '../wiring/stream.ts';

/** The history is the outbox: what is written there goes to the bus from here, and from nowhere else. */
export const handler = onStreamTogether(
  streamWorkers.relayEvents,
  { read: writtenEntry, handle: relayEntries },
  { ports: eventsPublish },
);
