import type { Connection } from '../connections/connection.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import type { Flow, Integration } from './flow.ts';

/** A flow as people see it: with the status of each connection, and whether any of them holds it back. */
export interface FlowView {
  readonly id: string;
  readonly name: string;
  readonly blocked: boolean;
  readonly integrations: readonly (Integration & { readonly connectionStatus: Connection['status'] })[];
}

type StatusPorts = Pick<ConnectionReader, 'statuses'>;

/** Shows flows of one project with the present status of the connections that they use. */
export async function viewFlows(
  projectId: string,
  flows: readonly Flow[],
  ports: StatusPorts,
): Promise<readonly FlowView[]> {
  const ids = new Set(
    flows.flatMap(({ integrations }) => integrations.map(({ connectionId }) => connectionId)),
  );
  const statuses = await ports.statuses(projectId, [...ids]);
  return flows.map((flow) => viewWith(statuses, flow));
}

/** Shows one flow. */
export async function viewFlow(flow: Flow, ports: StatusPorts): Promise<FlowView> {
  const ids = new Set(flow.integrations.map(({ connectionId }) => connectionId));
  return viewWith(await ports.statuses(flow.projectId, [...ids]), flow);
}

function viewWith(
  statuses: ReadonlyMap<string, Connection['status']>,
  { id, name, integrations }: Flow,
): FlowView {
  const shown = integrations.map((integration) => ({
    ...integration,
    // A connection that was disconnected between the two reads cannot be acted through.
    connectionStatus: statuses.get(integration.connectionId) ?? ('inactive' as const),
  }));
  const blocked = shown.some(({ connectionStatus }) => connectionStatus === 'inactive');
  return { id, name, blocked, integrations: shown };
}
