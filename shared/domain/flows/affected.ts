import type { Connection } from '../connections/connection.ts';
import type { FlowReader } from './flow.ts';

/** The flows that a turn of a connection concerns: how many, and the first of them by name. */
export interface AffectedFlows {
  readonly count: number;
  readonly items: readonly { readonly id: string; readonly name: string }[];
}

/** The most flows that are named. */
const NAMED = 100;

/** The flows that use a connection, at most 100 of them by name. */
export async function affectedFlows(
  { projectId, id, flowCount }: Connection,
  { flowsUsing }: Pick<FlowReader, 'flowsUsing'>,
): Promise<AffectedFlows> {
  const { items } = await flowsUsing(projectId, id, { limit: NAMED, after: null });
  return { count: flowCount, items: items.map((flow) => ({ id: flow.id, name: flow.name })) };
}
