import { setTimeout } from 'node:timers/promises';
import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { matchesPattern } from './filter.ts';
import type { Subscriber } from './relay.ts';

/** After this many attempts a record is dropped, so that it does not block those behind it for ever. */
const MAX_ATTEMPTS = 10;
const RETRY_MS = 50;

type Worker = (records: readonly DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;

interface StreamSubscription {
  readonly name: string;
  readonly filters: readonly Readonly<Record<string, unknown>>[];
  readonly worker: Worker;
}

/** Subscribes a worker to the records that match one of its filters, as Lambda's event source mapping does. */
export function subscribe(
  { name, filters, worker }: StreamSubscription,
  onError: (worker: string, error: unknown) => void,
): Subscriber {
  const isMatching = (record: StreamRecord) => filters.some((filter) => matchesPattern(filter, record));
  return (records) =>
    feed(worker, records.filter(isMatching).map(lambdaRecord), (record) =>
      onError(name, new Error(`${name} dropped record ${sequenceNumberOf(record)}.`)),
    );
}

/** Passes records to a worker, again from the first that failed, until each is handled or dropped. */
export async function feed(
  worker: Worker,
  records: readonly DynamoDBRecord[],
  onDropped: (record: DynamoDBRecord) => void,
): Promise<void> {
  let remaining = records;
  let attempts = 0;
  while (remaining.length > 0) {
    const { batchItemFailures } = await worker(remaining);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = remaining.findIndex((record) => failed.has(sequenceNumberOf(record)));
    const failing = remaining[first];
    if (!failing) return;
    attempts = first === 0 ? attempts + 1 : 1;
    const dropped = attempts === MAX_ATTEMPTS;
    if (dropped) onDropped(failing);
    else await setTimeout(RETRY_MS);
    remaining = remaining.slice(dropped ? first + 1 : first);
    if (dropped) attempts = 0;
  }
}

function sequenceNumberOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? '';
}

/** Lambda delivers a record as JSON, without the SDK's types: a time is a number of seconds since 1970. */
export function lambdaRecord(record: StreamRecord): DynamoDBRecord {
  const isTime = (key: string) => key === 'ApproximateCreationDateTime';
  return JSON.parse(JSON.stringify(record), (key, value) => (isTime(key) ? Date.parse(value) / 1000 : value));
}
