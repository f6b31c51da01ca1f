import type { Actor } from '../access/actor.ts';
import type { Connection } from '../connections/connection.ts';
import { historyEntry } from '../connections/history.ts';
import { loadConnection } from '../connections/load.ts';
import type { ConnectionReader } from '../connections/reader.ts';
import { failure } from '../errors.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import type { Committer, UnitOfWork } from '../unit-of-work.ts';
import type { FlowReader } from './flow.ts';
import { currentConnection, loadFlow, type StepRef } from './load.ts';
import { linkStep, type StepLinkChange } from './step-links.ts';

export interface Link extends StepRef {
  readonly providerId: string;
  readonly connectionId: string;
  readonly actor: Actor;
}

export type LinkPorts = Pick<ConnectionReader, 'findConnection'> &
  Pick<FlowReader, 'findFlow'> &
  Committer &
  OperationContext;

/**
 * Links a step of a flow to an existing connection. A step that was linked elsewhere is moved.
 *
 * @throws DomainError `flow_not_found`, `connection_not_found`, `provider_mismatch`, `invalid_request`, `busy`.
 */
export function linkIntegration(link: Link, ports: LinkPorts): Promise<Connection> {
  return untilCommitted(async () => {
    const flow = await loadFlow(link, ports);
    const target = await loadConnection(link, ports);
    if (target.connection.providerId !== link.providerId) {
      throw failure('provider_mismatch', 'The connection is of another provider.');
    }
    const current = await currentConnection(flow, link.stepId, ports);
    if (current === STALE) return STALE;
    if (current?.connection.id === link.connectionId) return target.connection;
    const at = timestamp(ports.clock.now());
    const linkChange = linkStep(flow, link.stepId, { target, current, at });
    const outcome = await ports.commit(unitOf(linkChange, link.actor, at, ports));
    if (outcome === 'stale') return STALE;
    const written = linkChange.connections.find(({ after }) => after?.connection.id === link.connectionId);
    return written?.after?.connection ?? target.connection;
  }, ports);
}

/** The unit that commits a relinking, with its history. */
export function unitOf(
  { flow, connections, changes }: StepLinkChange,
  actor: Actor,
  at: string,
  ports: Pick<OperationContext, 'ids' | 'correlationId'>,
): UnitOfWork {
  const history = changes.map(({ connection, change }) =>
    historyEntry(connection, change, { actor, at }, ports),
  );
  return { flow, connections, history };
}
