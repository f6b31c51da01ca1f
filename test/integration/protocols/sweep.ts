import { sweepOverdue } from '../../../shared/domain/connections/sweep.ts';

/** Sweeps, and fails where something was left undone, as the schedule does. */
export async function sweep(ports: Parameters<typeof sweepOverdue>[0]): Promise<void> {
  const { failures } = await sweepOverdue(ports);
  if (failures.length === 0) return;
  throw new AggregateError(
    failures.map(({ error }) => error),
    `The sweep failed: ${failures.map(({ error }) => error)}`,
  );
}
