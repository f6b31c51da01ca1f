import { setTimeout } from 'node:timers/promises';
import type { _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { streamWorkers } from '../../shared/contract/background/index.ts';
import type { IamSettings } from '../api-gateway/iam-authorizer.ts';
import { lambdaContext } from '../api-gateway/lambda-context.ts';
import { loadHandler } from '../entry.ts';
import { fits } from './filter.ts';
import type { Subscriber } from './relay.ts';

const TIMEOUT_MS = 60_000;
/** After so many tries a record is put aside, so that it does not hold up those behind it for ever. */
const MAX_TRIES = 10;
const BETWEEN_TRIES_MS = 50;

type Worker = (records: readonly DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;

/** Each stream worker behind its filter, as Lambda's event source mapping stands before it. */
export function streamSubscribers(
  iam: IamSettings,
  onError: (worker: string, error: unknown) => void,
): Promise<Subscriber[]> {
  return Promise.all(
    Object.values(streamWorkers).map(async ({ entry, filter }) => {
      const handler = await loadHandler<DynamoDBStreamEvent, DynamoDBBatchResponse>(entry);
      const worker: Worker = (records) =>
        handler({ Records: [...records] }, lambdaContext(entry, iam, TIMEOUT_MS));
      return (records) =>
        feed(worker, records.filter((record) => fits(filter, record)).map(lambdaRecord), (record) =>
          onError(entry, new Error(`${entry} gave up record ${sequenceNumberOf(record)}.`)),
        );
    }),
  );
}

/** Gives a worker its records, again from the first that failed, until each was handled or put aside. */
export async function feed(
  worker: Worker,
  records: readonly DynamoDBRecord[],
  putAside: (record: DynamoDBRecord) => void,
): Promise<void> {
  let open = records;
  let tries = 0;
  while (open.length > 0) {
    const { batchItemFailures } = await worker(open);
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    const first = open.findIndex((record) => failed.has(sequenceNumberOf(record)));
    const culprit = open[first];
    if (!culprit) return;
    tries = first === 0 ? tries + 1 : 1;
    const givenUp = tries === MAX_TRIES;
    if (givenUp) putAside(culprit);
    else await setTimeout(BETWEEN_TRIES_MS);
    open = open.slice(givenUp ? first + 1 : first);
    if (givenUp) tries = 0;
  }
}

function sequenceNumberOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? '';
}

function lambdaRecord(record: StreamRecord): DynamoDBRecord {
  return JSON.parse(JSON.stringify(record));
}
