import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as z from 'zod/mini';
import type { QueueWorker } from '../../contract/background/index.ts';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { OperationContext } from '../../domain/operation-context.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createBaseContext } from '../operation-context.ts';
import { createPorts, type Wiring } from '../ports.ts';

/** Every message carries the id of what asked for it. */
type MessageSchema = z.ZodMiniType<{ readonly correlationId: string }>;

/** The schema of a worker's messages, and the handling of one. */
export interface MessageHandling<W extends QueueWorker, M extends MessageSchema> {
  readonly message: M;
  /** The report is logged, each failure in a line of its own. With `isDone` false, SQS redelivers the message. */
  readonly handle: (
    message: z.output<M>,
    ports: OperationContext & PortsFor<W['capabilities'][number]>,
  ) => Promise<{ readonly failures: readonly unknown[]; readonly isDone: boolean }>;
}

/**
 * Creates the Lambda handler of a queue worker. It handles the messages of a batch concurrently and reports each failed
 * one to SQS, which redelivers it and finally moves it to the dead-letter queue.
 */
export function onQueue<const W extends QueueWorker, M extends MessageSchema>(
  { entry, capabilities }: W,
  { message, handle }: MessageHandling<W, M>,
  wiring: Wiring<W['capabilities'][number]>,
) {
  const context = lazy(() => createBaseContext());
  const ports = lazy(() => createPorts<PortsFor<W['capabilities'][number]>>(capabilities, wiring));
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const results = await Promise.allSettled(
      Records.map(async ({ body, messageId }) => {
        const parsed = z.parse(message, JSON.parse(body));
        const { correlationId } = parsed;
        const { failures, isDone, ...report } = await handle(
          parsed,
          Object.assign({ correlationId }, context(), ports()),
        );
        const line = { worker: entry, messageId, correlationId };
        for (const error of failures) logger().error('failed', { ...line, error });
        logger().info('handled', { ...line, ...report });
        if (!isDone) throw new Error(`${failures.length} failed.`);
      }),
    );
    const batchItemFailures = results.flatMap((result, index) => {
      const itemIdentifier = Records[index]?.messageId;
      if (result.status === 'fulfilled' || itemIdentifier === undefined) return [];
      logger().error('failed', { worker: entry, messageId: itemIdentifier, error: result.reason });
      return [{ itemIdentifier }];
    });
    return { batchItemFailures };
  });
}
