import * as z from 'zod/mini';
import { DELETION_STATUSES } from '../../../domain/terms.ts';
import { described, named, time } from './primitives.ts';

/** Schema of the deletion of a project. */
export const projectDeletion = named(
  'ProjectDeletion',
  z.strictObject({
    projectId: z.string(),
    status: described(
      z.enum(DELETION_STATUSES),
      'disabling and disabled can be restored; removing and removed cannot. A project that is not found is restored, or nothing of it is left.',
    ),
    requestedAt: time,
    restorableUntil: described(time, 'The end of the recovery window.'),
    processed: described(z.int(), 'The connections that were processed since the status changed.'),
  }),
  'The deletion of a project, under way.',
);

export type ProjectDeletionView = z.output<typeof projectDeletion>;
