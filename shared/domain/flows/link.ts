import { failure } from '../errors.ts';
import {
  type Connection,
  type ExpectedVersions,
  loadConnection,
  requireVersion,
} from '../model/connection.ts';
import { currentConnection, loadFlow, type StepRef } from '../model/flow.ts';
import type { Actor } from '../model/history.ts';
import { timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { type LinkPorts, linkStep, requireFreeStep, toUnitOfWork, unlinkStep } from './step-links.ts';

export interface Link extends StepRef {
  readonly providerId: string;
  readonly connectionId: string;
  /** False: a step that is linked elsewhere is refused. Default: it is moved. */
  readonly mayMove?: boolean;
  readonly actor: Actor;
}

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
    if (link.mayMove === false) requireFreeStep(current, link.stepId);
    const at = timestamp(ports.clock.now());
    const linkChange = linkStep(flow, link.stepId, { target, current, at });
    const unit = toUnitOfWork(linkChange, link.actor, ports);
    if ((await ports.unitOfWork.commit(unit)) === 'stale') return STALE;
    const written = linkChange.connections.find(({ after }) => after?.connection.id === link.connectionId);
    return written?.after?.connection ?? target.connection;
  }, ports);
}

export interface Unlink extends StepRef {
  /** Versions of the step's connection that `If-Match` allows. */
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

/**
 * Removes a step's integration. The connection's last use in any flow disconnects it.
 *
 * @throws DomainError `flow_not_found`, `integration_not_found`, `version_conflict`, `busy`.
 */
export function unlinkIntegration(unlink: Unlink, ports: LinkPorts): Promise<void> {
  return untilCommitted(async () => {
    const flow = await loadFlow(unlink, ports);
    const current = await currentConnection(flow, unlink.stepId, ports);
    if (current === STALE) return STALE;
    if (!current) throw failure('integration_not_found', 'The step has no integration.');
    requireVersion(current, unlink.expected);
    const at = timestamp(ports.clock.now());
    const linkChange = unlinkStep(flow, unlink.stepId, current, at);
    const unit = toUnitOfWork(linkChange, unlink.actor, ports);
    return (await ports.unitOfWork.commit(unit)) === 'committed' ? undefined : STALE;
  }, ports);
}
