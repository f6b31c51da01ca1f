import type { Actor } from '../access/actor.ts';
import { type ExpectedVersions, requireVersion } from '../connections/load.ts';
import { failure } from '../errors.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import { type LinkPorts, unitOf } from './link.ts';
import { currentConnection, loadFlow, type StepRef } from './load.ts';
import { unlinkStep } from './step-links.ts';

export interface Unlink extends StepRef {
  /** The versions of the connection that the caller knows. */
  readonly expected: ExpectedVersions;
  readonly actor: Actor;
}

/**
 * Removes a step's integration. With its last use in any flow the connection is disconnected.
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
    const outcome = await ports.commit(unitOf(linkChange, unlink.actor, at, ports));
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}
