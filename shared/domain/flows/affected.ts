import type { Connection } from '../connections/connection.ts';
import type { FlowName, FlowReader } from './flow.ts';

/** The flows that a turn of a connection concerns: how many, and the first of them by id. */
export interface AffectedFlows {
  readonly count: number;
  readonly items: readonly FlowName[];
}

/** The most flows that are named. */
const NAMED = 100;

/** The flows that use a connection: how many, and the names of the first 100 by id. */
export async function affectedFlows(
  { projectId, id, flowCount }: Connection,
  { flowsUsing }: Pick<FlowReader, 'flowsUsing'>,
): Promise<AffectedFlows> {
  const { items } = await flowsUsing(projectId, id, { limit: NAMED, after: null });
  return { count: flowCount, items };
}
