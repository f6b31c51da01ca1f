import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Catalog } from '../../catalog/schema.ts';
import type { Essentials } from '../../domain/essentials.ts';
import type { QueueWorker } from '../../routes/background.ts';
import type { PortsFor } from '../../routes/needs.ts';
import { toolsOf } from '../essentials.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';

/** A message says what asked for it; one that was sent before messages did goes by its own id. */
interface Correlated {
  readonly correlationId: string;
}
type MessageSchema = z.ZodMiniType<Partial<Correlated>>;

/** What a worker does with one message, and how the message is read. */
export interface MessageHandling<W extends QueueWorker, M extends MessageSchema> {
  readonly message: M;
  /** What it came to is logged. Where any of it failed, the message has failed. */
  readonly handle: (
    message: z.output<M> & Correlated,
    ports: Essentials & PortsFor<W['needs'][number]>,
  ) => Promise<{ readonly failures: readonly unknown[] }>;
}

/**
 * Makes the Lambda handler of a queue worker. Messages are handled side by side; each that fails is told to SQS by
 * itself, which delivers it again and, after its last try, puts it aside.
 */
export function onQueue<W extends QueueWorker, M extends MessageSchema>(
  worker: W,
  { message, handle }: MessageHandling<W, M>,
  sources: { readonly catalog: Catalog; readonly ports: () => PortsFor<W['needs'][number]> },
) {
  const ports = lazy(() => Object.assign(toolsOf(sources.catalog), sources.ports()));
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const results = await Promise.allSettled(
      Records.map(async ({ body, messageId }) => {
        const read = z.parse(message, JSON.parse(body));
        const { correlationId = messageId } = read;
        const handling = handle({ ...read, correlationId }, Object.assign({ correlationId }, ports()));
        const { failures, ...report } = await handling;
        logger().info('handled', { worker: worker.entry, messageId, correlationId, ...report });
        if (failures.length > 0) throw new AggregateError(failures, `${failures.length} failed.`);
      }),
    );
    const batchItemFailures = results.flatMap((result, index) => {
      const itemIdentifier = Records[index]?.messageId;
      if (result.status === 'fulfilled' || itemIdentifier === undefined) return [];
      for (const error of causesOf(result.reason))
        logger().error('failed', { worker: worker.entry, messageId: itemIdentifier, error });
      return [{ itemIdentifier }];
    });
    return { batchItemFailures };
  });
}

/** The log shows an error with its cause, but not what an aggregate is made of. */
function causesOf(reason: unknown): readonly unknown[] {
  return reason instanceof AggregateError ? reason.errors : [reason];
}
