import type { ConnectionReader } from '../model/connection.ts';
import type { Flow, Integration } from '../model/flow.ts';
import type { Status } from '../terms.ts';

/** A flow with the status of each of its connections. */
export interface FlowWithStatuses {
  readonly id: string;
  readonly name: string;
  /** True while any connection of the flow is inactive. */
  readonly blocked: boolean;
  readonly integrations: readonly (Integration & { readonly connectionStatus: Status })[];
}

type StatusPorts = { readonly connections: Pick<ConnectionReader, 'statuses'> };

/** Adds the current status of every connection to flows of one project. */
export async function withStatuses(
  projectId: string,
  flows: readonly Flow[],
  { connections }: StatusPorts,
): Promise<readonly FlowWithStatuses[]> {
  const ids = flows.flatMap(({ integrations }) => integrations.map(({ connectionId }) => connectionId));
  const statuses = await connections.statuses(projectId, [...new Set(ids)]);
  return flows.map((flow) => addStatuses(flow, statuses));
}

/** Adds the current status of every connection to one flow. */
export async function withStatus(flow: Flow, ports: StatusPorts): Promise<FlowWithStatuses> {
  const ids = new Set(flow.integrations.map(({ connectionId }) => connectionId));
  return addStatuses(flow, await ports.connections.statuses(flow.projectId, [...ids]));
}

function addStatuses(
  { id, name, integrations }: Flow,
  statuses: ReadonlyMap<string, Status>,
): FlowWithStatuses {
  const shown = integrations.map((integration) => ({
    ...integration,
    // A connection that was disconnected between the two reads cannot be used any more.
    connectionStatus: statuses.get(integration.connectionId) ?? ('inactive' as const),
  }));
  const blocked = shown.some(({ connectionStatus }) => connectionStatus === 'inactive');
  return { id, name, blocked, integrations: shown };
}
