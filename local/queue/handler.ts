import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { QueueWorker } from '../../shared/contract/background/index.ts';
import type { IamSettings } from '../api-gateway/iam-authorizer.ts';
import { lambdaContext } from '../api-gateway/lambda-context.ts';
import { loadHandler } from '../entry.ts';

const TIMEOUT_MS = 60_000;

/** A queue worker as an event source calls it. */
export async function queueHandler({ entry, batchSize }: QueueWorker, iam: IamSettings) {
  const handler = await loadHandler<SQSEvent, SQSBatchResponse>(entry);
  return { batchSize, handler: (event: SQSEvent) => handler(event, lambdaContext(entry, iam, TIMEOUT_MS)) };
}
