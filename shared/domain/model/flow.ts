import { failure, invalid } from '../errors.ts';
import { STALE } from '../optimistic.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { Connection, ConnectionRef, FindConnectionPort, StoredConnection } from './connection.ts';

/** A step of a flow that acts on a provider through a connection. */
export interface Integration {
  readonly stepId: string;
  readonly providerId: string;
  readonly connectionId: string;
}

/** A flow with its integrations, read and written as a whole. */
export interface Flow {
  readonly projectId: string;
  readonly id: string;
  readonly name: string;
  /** Sorted by step id. */
  readonly integrations: readonly Integration[];
  /** Grows by one with every change; the condition of the next commit. */
  readonly revision: number;
}

/** A flow's id and name. */
export type FlowName = Pick<Flow, 'id' | 'name'>;

/** Identifies a flow within its project. */
export interface FlowRef {
  readonly projectId: string;
  readonly flowId: string;
}

/** Identifies a step within its flow. */
export interface StepRef extends FlowRef {
  readonly stepId: string;
}

/** Reads flows. Lists are sorted by flow id. */
export interface FlowReader {
  /** Reads the flow with all its integrations strongly consistently. */
  find(ref: FlowRef): Promise<Flow | undefined>;
  list(projectId: string, page: PageRequest): Promise<Page<Flow>>;
  /** Lists the names of the flows that use a connection, in a few calls however many there are. */
  listNamesUsing(ref: ConnectionRef, page: PageRequest): Promise<Page<FlowName>>;
  /** Lists the flows that use a connection with their integrations, read strongly consistently one by one. */
  listUsing(ref: ConnectionRef, page: PageRequest): Promise<Page<Flow>>;
}

/** Port of every operation that reads single flows. */
export interface FindFlowPort {
  readonly flows: Pick<FlowReader, 'find'>;
}

/** Port of every operation that names the flows of a connection. */
export interface FlowNamesPort {
  readonly flows: Pick<FlowReader, 'listNamesUsing'>;
}

/**
 * Reads a flow strongly consistently.
 *
 * @throws DomainError `flow_not_found`.
 */
export async function loadFlow(ref: FlowRef, { flows }: FindFlowPort): Promise<Flow> {
  const flow = await flows.find(ref);
  if (!flow) throw failure('flow_not_found', 'The project has no such flow.');
  return flow;
}

/**
 * Reads the connection that a step is linked to; null for a step without a link. A link to a connection that no longer
 * exists means that the flow changed after it was read, so the result is `STALE`.
 */
export async function currentConnection(
  { projectId, integrations }: Flow,
  stepId: string,
  { connections }: FindConnectionPort,
): Promise<StoredConnection | null | typeof STALE> {
  const integration = integrations.find((candidate) => candidate.stepId === stepId);
  if (!integration) return null;
  return (await connections.find({ projectId, connectionId: integration.connectionId })) ?? STALE;
}

/** The flows that a change of a connection affects: their number, and the first of them by id. */
export interface AffectedFlows {
  readonly count: number;
  readonly items: readonly FlowName[];
}

/** Flows that an entry or event names at most. */
const MAX_NAMED_FLOWS = 100;

/** Reads the flows that use a connection: their number, and the names of the first 100 by id. */
export async function affectedFlows(
  { projectId, id, flowCount }: Connection,
  { flows }: FlowNamesPort,
): Promise<AffectedFlows> {
  const page = { limit: MAX_NAMED_FLOWS, after: null };
  const { items } = await flows.listNamesUsing({ projectId, connectionId: id }, page);
  return { count: flowCount, items };
}

/** Returns true if any step of the flow uses the connection. */
export function usesConnection(flow: Flow, connectionId: string): boolean {
  return flow.integrations.some((integration) => integration.connectionId === connectionId);
}

/**
 * The most integrations of one flow. A page of 100 such flows with the longest ids is 5.5 MB; Lambda responds with
 * 6 MB at most.
 */
export const MAX_INTEGRATIONS = 200;

/** @throws DomainError `invalid_request` when the step would exceed the flow's 200 integrations. */
export function requireCapacity({ integrations }: Flow, stepId: string): void {
  if (integrations.length < MAX_INTEGRATIONS || integrations.some((step) => step.stepId === stepId)) return;
  throw invalid([{ path: 'stepId', message: `the flow already has ${MAX_INTEGRATIONS} steps, the maximum` }]);
}

/**
 * Returns the flow with a step linked to a connection, replacing the step's previous link.
 *
 * @throws DomainError `invalid_request` when the step would exceed the flow's 200 integrations.
 */
export function withIntegration(flow: Flow, integration: Integration): Flow {
  requireCapacity(flow, integration.stepId);
  const others = flow.integrations.filter(({ stepId }) => stepId !== integration.stepId);
  return { ...flow, integrations: [...others, integration], revision: flow.revision + 1 };
}

/** Returns the flow without a step's integration. */
export function withoutIntegration(flow: Flow, stepId: string): Flow {
  return {
    ...flow,
    integrations: flow.integrations.filter((integration) => integration.stepId !== stepId),
    revision: flow.revision + 1,
  };
}
