import type { Actor } from '../access/actor.ts';
import { type ExpectedVersions, requireVersion } from '../connections/load.ts';
import { failure } from '../errors.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { timestamp } from '../time.ts';
import { type LinkPorts, unitOf } from './link.ts';
import { heldBy, loadFlow, type StepRef } from './load.ts';
import { unlinkStep } from './relink.ts';

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
    const held = await heldBy(flow, unlink.stepId, ports);
    if (held === STALE) return STALE;
    if (!held) throw failure('integration_not_found', 'The step has no integration.');
    requireVersion(held, unlink.expected);
    const at = timestamp(ports.clock.now());
    const relinking = unlinkStep(flow, unlink.stepId, held, at);
    const outcome = await ports.commit(unitOf(relinking, unlink.actor, at, ports));
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}
