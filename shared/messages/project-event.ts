import * as z from 'zod/mini';
import { actor } from './connection-event.ts';

/** Schema of the detail of an event about a project. */
export const projectEvent = z.object({
  /** The id of the change: repeated deliveries have the same. */
  eventId: z.string(),
  projectId: z.string(),
  type: z.literal('deleted'),
  at: z.string(),
  actor,
  /** The id of the run that ended the deletion, as its log lines carry it. */
  correlationId: z.string(),
});

export type ProjectEvent = z.infer<typeof projectEvent>;
