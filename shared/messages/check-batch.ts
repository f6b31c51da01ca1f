import * as z from 'zod/mini';

const id = z.string().check(z.minLength(1));

/** Schema of the queue message of checks: connections of one provider to check for one scheduled time. */
export const checkBatchMessage = z.strictObject({
  scheduledFor: z.iso.datetime({ precision: 3 }),
  providerId: id,
  /** The id of the scheduler's run, or of the report, that asked for the checks. */
  correlationId: id,
  isReported: z.exactOptional(z.boolean()),
  isReserved: z.exactOptional(z.boolean()),
  connections: z
    .array(z.strictObject({ projectId: id, connectionId: id }))
    .check(z.minLength(1), z.maxLength(50)),
});
