import type { Actor } from '../access/actor.ts';
import { DomainError } from '../errors.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { LinkPorts } from './link.ts';
import { type FlowRef, loadFlow } from './load.ts';
import { unlinkIntegration } from './unlink.ts';

/**
 * Removes a flow with all its integrations. Each integration goes in a commit of its own, so a flow of any size
 * can be removed; a call that was cut short is finished by calling again.
 *
 * @throws DomainError `flow_not_found`, `busy`.
 */
export function removeFlow(request: FlowRef & { readonly actor: Actor }, ports: LinkPorts): Promise<void> {
  return untilCommitted(async () => {
    const flow = await loadFlow(request, ports);
    for (const { stepId } of flow.integrations) await unlinkIfThere({ ...request, stepId }, ports);
    const before = await loadFlow(request, ports);
    if (before.integrations.length > 0) return STALE;
    const outcome = await ports.commit({ flow: { before, after: null } });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

async function unlinkIfThere(
  step: FlowRef & { readonly stepId: string; readonly actor: Actor },
  ports: LinkPorts,
): Promise<void> {
  try {
    await unlinkIntegration({ ...step, expected: null }, ports);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'integration_not_found')) throw error;
  }
}
