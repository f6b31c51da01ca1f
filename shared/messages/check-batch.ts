import * as z from 'zod/mini';

const id = z.string().check(z.minLength(1));

/** The queue message of checks: connections of one provider that are to be checked for one turn. */
export const checkBatchMessage = z.strictObject({
  scheduledFor: z.iso.datetime({ precision: 3 }),
  providerId: id,
  /** Of the run of the scheduler, or of the report, that asked for the checks; older messages have none. */
  correlationId: z.exactOptional(id),
  isReported: z.exactOptional(z.boolean()),
  connections: z
    .array(z.strictObject({ projectId: id, connectionId: id }))
    .check(z.minLength(1), z.maxLength(50)),
});
