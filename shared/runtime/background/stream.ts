import middy from '@middy/core';
import type {
  DynamoDBBatchItemFailure,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import type { StreamWorker } from '../../contract/background/index.ts';
import type { Capability, PortsFor } from '../../contract/capabilities.ts';
import type { FailedRecord } from '../../domain/events/relay.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';

/**
 * Makes the Lambda handler of a stream worker. Records of a shard are handled in order; the first that fails is
 * told to Lambda, which repeats from there and, after its last try, puts the record aside.
 */
export function onStream<W extends StreamWorker>(
  worker: W,
  handle: (record: DynamoDBRecord, ports: PortsFor<W['capabilities'][number]>) => Promise<void>,
  sources: { readonly ports: () => PortsFor<W['capabilities'][number]> },
) {
  const ports = lazy(sources.ports);
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    for (const record of Records) {
      try {
        await handle(record, ports());
      } catch (error) {
        return { batchItemFailures: [failureOf(worker, record, error)] };
      }
    }
    return { batchItemFailures: [] };
  });
}

/** How a stream worker handles the records of a batch together. */
export interface Together<T, N extends Capability> {
  /** Reads a record; one that it throws for fails alone. */
  readonly read: (record: DynamoDBRecord) => T;
  /** Does the work of the records that could be read, and tells which of it is not done. */
  readonly handle: (items: readonly T[], ports: PortsFor<N>) => Promise<readonly FailedRecord[]>;
}

/**
 * Makes the Lambda handler of a stream worker that takes a batch as a whole. Lambda repeats from the first
 * record that failed, so what comes after it may be handled again.
 */
export function onStreamTogether<W extends StreamWorker, T>(
  worker: W,
  { read, handle }: Together<T, W['capabilities'][number]>,
  sources: { readonly ports: () => PortsFor<W['capabilities'][number]> },
) {
  const ports = lazy(sources.ports);
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    const failures = new Map<DynamoDBRecord, unknown>();
    const work: { readonly record: DynamoDBRecord; readonly item: T }[] = [];
    for (const record of Records) {
      try {
        work.push({ record, item: read(record) });
      } catch (error) {
        failures.set(record, error);
      }
    }
    const items = work.map(({ item }) => item);
    for (const { place, error } of items.length > 0 ? await handle(items, ports()) : []) {
      const failed = work[place];
      if (failed) failures.set(failed.record, error);
    }
    const inOrder = Records.filter((record) => failures.has(record));
    return { batchItemFailures: inOrder.map((record) => failureOf(worker, record, failures.get(record))) };
  });
}

function failureOf(
  { entry }: StreamWorker,
  record: DynamoDBRecord,
  error: unknown,
): DynamoDBBatchItemFailure {
  const sequenceNumber = record.dynamodb?.SequenceNumber ?? '';
  logger().error('failed', { worker: entry, sequenceNumber, error });
  return { itemIdentifier: sequenceNumber };
}
