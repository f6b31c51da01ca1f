import { invalid } from '../errors.ts';
import type { Page } from '../paging.ts';

/** A step of a flow that acts through a connection. */
export interface Integration {
  readonly stepId: string;
  readonly providerId: string;
  readonly connectionId: string;
}

/** A flow, as far as connections are concerned. It is read and written as a whole. */
export interface Flow {
  readonly projectId: string;
  readonly id: string;
  readonly name: string;
  /** By step id. */
  readonly integrations: readonly Integration[];
  /** Grows by one with every change; writers commit on the revision they read. */
  readonly revision: number;
}

/** A flow as it is told of. */
export type FlowName = Pick<Flow, 'id' | 'name'>;

/** Reads flows. */
export interface FlowReader {
  /** The flow with all its integrations, read strongly. */
  findFlow(projectId: string, flowId: string): Promise<Flow | undefined>;
  /** By flow id. */
  flows(projectId: string, page: PageRequest): Promise<Page<Flow>>;
  /** The names of the flows that use a connection, by flow id, in a few calls however many there are. */
  flowsUsing(projectId: string, connectionId: string, page: PageRequest): Promise<Page<FlowName>>;
  /** The same flows with all their integrations, read strongly, each by a call of its own. */
  wholeFlowsUsing(projectId: string, connectionId: string, page: PageRequest): Promise<Page<Flow>>;
}

/** The part of a list that is wanted: at most `limit` items after a position. */
export interface PageRequest {
  readonly limit: number;
  readonly after: string | null;
}

/** Whether any step of the flow acts through this connection. */
export function usesConnection(flow: Flow, connectionId: string): boolean {
  return flow.integrations.some((integration) => integration.connectionId === connectionId);
}

/**
 * The most steps of a flow that act through connections. A page of 100 such flows with the longest ids is 5.5 MB,
 * and Lambda answers with 6 MB at most.
 */
export const STEPS_MAX = 200;

/** @throws DomainError `invalid_request` where the flow has no room for the step. */
export function requireCapacity({ integrations }: Flow, stepId: string): void {
  if (integrations.length < STEPS_MAX || integrations.some((step) => step.stepId === stepId)) return;
  throw invalid([{ path: 'stepId', message: `the flow has ${STEPS_MAX} steps, as many as it can` }]);
}

/**
 * The flow with a step linked to a connection, in place of what the step was linked to.
 *
 * @throws DomainError `invalid_request` for one step more than a flow can have.
 */
export function withIntegration(flow: Flow, integration: Integration): Flow {
  requireCapacity(flow, integration.stepId);
  const others = flow.integrations.filter(({ stepId }) => stepId !== integration.stepId);
  return { ...flow, integrations: [...others, integration], revision: flow.revision + 1 };
}

/** The flow without a step's integration. */
export function withoutIntegration(flow: Flow, stepId: string): Flow {
  return {
    ...flow,
    integrations: flow.integrations.filter((integration) => integration.stepId !== stepId),
    revision: flow.revision + 1,
  };
}
