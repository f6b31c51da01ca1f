import middy from '@middy/core';
import type {
  DynamoDBBatchItemFailure,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import type { StreamWorker } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { FailedRecord } from '../../domain/events/relay.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';
import { createPorts, type Wiring } from '../ports.ts';

type PortsOf<W extends StreamWorker> = Pick<OperationContext, 'clock'> & PortsFor<W['capabilities'][number]>;
type StreamWiring<W extends StreamWorker> = Wiring<W['capabilities'][number]>;

/**
 * Creates the Lambda handler of a stream worker that handles the records of a shard one by one, in order. Lambda retries
 * from the first failed record, and finally sends it to the dead-letter queue.
 */
export function onStream<const W extends StreamWorker>(
  worker: W,
  handle: (record: DynamoDBRecord, ports: PortsOf<W>) => Promise<void>,
  wiring: StreamWiring<W>,
) {
  const ports = lazy(() => portsOf(worker, wiring));
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    for (const record of Records) {
      try {
        await handle(record, ports());
      } catch (error) {
        return { batchItemFailures: [reportFailure(worker, record, error)] };
      }
    }
    return { batchItemFailures: [] };
  });
}

/** The handling of all records of a batch together. */
export interface BatchHandling<T, Ports> {
  /** Parses a record. A record that it throws for fails alone. */
  readonly parse: (record: DynamoDBRecord) => T;
  /** Handles the parsed records, and returns those that failed by their index. */
  readonly handle: (items: readonly T[], ports: Ports) => Promise<readonly FailedRecord[]>;
}

/**
 * Creates the Lambda handler of a stream worker that handles all records of a batch together. Lambda retries from the
 * first failed record, so later ones may be handled again.
 */
export function onStreamBatch<const W extends StreamWorker, T>(
  worker: W,
  { parse, handle }: BatchHandling<T, PortsOf<W>>,
  wiring: StreamWiring<W>,
) {
  const ports = lazy(() => portsOf(worker, wiring));
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    const failures = new Map<DynamoDBRecord, unknown>();
    const parsed: { readonly record: DynamoDBRecord; readonly item: T }[] = [];
    for (const record of Records) {
      try {
        parsed.push({ record, item: parse(record) });
      } catch (error) {
        failures.set(record, error);
      }
    }
    const items = parsed.map(({ item }) => item);
    for (const { index, error } of items.length > 0 ? await handle(items, ports()) : []) {
      const failed = parsed[index];
      if (failed) failures.set(failed.record, error);
    }
    const inOrder = Records.filter((record) => failures.has(record));
    return {
      batchItemFailures: inOrder.map((record) => reportFailure(worker, record, failures.get(record))),
    };
  });
}

function portsOf<W extends StreamWorker>({ capabilities }: W, wiring: StreamWiring<W>): PortsOf<W> {
  const ports = createPorts<PortsFor<W['capabilities'][number]>>(capabilities, wiring);
  return Object.assign(createBaseContext(), ports);
}

function reportFailure(
  { entry }: StreamWorker,
  record: DynamoDBRecord,
  error: unknown,
): DynamoDBBatchItemFailure {
  const sequenceNumber = record.dynamodb?.SequenceNumber ?? '';
  logger().error('failed', { worker: entry, sequenceNumber, error });
  return { itemIdentifier: sequenceNumber };
}
