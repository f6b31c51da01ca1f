import type { ConnectionReader } from '../connections/reader.ts';
import type { StoredConnection } from '../connections/stored.ts';
import { failure } from '../errors.ts';
import { STALE } from '../optimistic.ts';
import type { Flow, FlowReader } from './flow.ts';

/** Which flow of which project. */
export interface FlowRef {
  readonly projectId: string;
  readonly flowId: string;
}

/** Which step of which flow. */
export interface StepRef extends FlowRef {
  readonly stepId: string;
}

/**
 * The flow, read strongly.
 *
 * @throws DomainError `flow_not_found`.
 */
export async function loadFlow(
  { projectId, flowId }: FlowRef,
  ports: Pick<FlowReader, 'findFlow'>,
): Promise<Flow> {
  const flow = await ports.findFlow(projectId, flowId);
  if (!flow) throw failure('flow_not_found', 'The project has no such flow.');
  return flow;
}

/**
 * The connection that a step of the flow is linked to, null where it is linked to none. A link to a connection that
 * is gone says that the flow was changed after it was read, so what was read is stale.
 */
export async function currentConnection(
  { projectId, integrations }: Flow,
  stepId: string,
  ports: Pick<ConnectionReader, 'findConnection'>,
): Promise<StoredConnection | null | typeof STALE> {
  const integration = integrations.find((candidate) => candidate.stepId === stepId);
  if (!integration) return null;
  return (await ports.findConnection(projectId, integration.connectionId)) ?? STALE;
}
