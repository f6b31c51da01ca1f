import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { Catalog } from '../../catalog/schema.ts';
import type { QueueWorker } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';

/** A message says what asked for it; one that was sent before messages did goes by its own id. */
interface Correlated {
  readonly correlationId: string;
}
type MessageSchema = z.ZodMiniType<Partial<Correlated>>;

/** What a worker does with one message, and how the message is read. */
export interface MessageHandling<W extends QueueWorker, M extends MessageSchema> {
  readonly message: M;
  /** What it came to is logged, each failure by itself. A message that is not done comes again. */
  readonly handle: (
    message: z.output<M> & Correlated,
    ports: OperationContext & PortsFor<W['capabilities'][number]>,
  ) => Promise<{ readonly failures: readonly unknown[]; readonly isDone: boolean }>;
}

/**
 * Makes the Lambda handler of a queue worker. Messages are handled side by side; each that fails is told to SQS by
 * itself, which delivers it again and, after its last try, puts it aside.
 */
export function onQueue<W extends QueueWorker, M extends MessageSchema>(
  worker: W,
  { message, handle }: MessageHandling<W, M>,
  sources: { readonly catalog: Catalog; readonly ports: () => PortsFor<W['capabilities'][number]> },
) {
  const ports = lazy(() => Object.assign(createBaseContext(sources.catalog), sources.ports()));
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const results = await Promise.allSettled(
      Records.map(async ({ body, messageId }) => {
        const read = z.parse(message, JSON.parse(body));
        const { correlationId = messageId } = read;
        const handling = handle({ ...read, correlationId }, Object.assign({ correlationId }, ports()));
        const { failures, isDone, ...report } = await handling;
        const line = { worker: worker.entry, messageId, correlationId };
        for (const error of failures) logger().error('failed', { ...line, error });
        logger().info('handled', { ...line, ...report });
        if (!isDone) throw new Error(`${failures.length} failed.`);
      }),
    );
    const batchItemFailures = results.flatMap((result, index) => {
      const itemIdentifier = Records[index]?.messageId;
      if (result.status === 'fulfilled' || itemIdentifier === undefined) return [];
      logger().error('failed', { worker: worker.entry, messageId: itemIdentifier, error: result.reason });
      return [{ itemIdentifier }];
    });
    return { batchItemFailures };
  });
}
