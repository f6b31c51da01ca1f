import { DomainError } from '../errors.ts';
import { type FlowRef, loadFlow, type StepRef } from '../model/flow.ts';
import type { Actor } from '../model/history.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import { unlinkIntegration } from './link.ts';
import type { LinkPorts } from './step-links.ts';

export interface RemoveFlow extends FlowRef {
  readonly actor: Actor;
}

/**
 * Removes a flow with all its integrations. Each integration is removed in its own commit, so that a flow of any size
 * can be removed; a repeated call finishes an interrupted one.
 *
 * @throws DomainError `flow_not_found`, `busy`.
 */
export function removeFlow(request: RemoveFlow, ports: LinkPorts): Promise<void> {
  return untilCommitted(async () => {
    const flow = await loadFlow(request, ports);
    for (const { stepId } of flow.integrations) await unlinkIfLinked({ ...request, stepId }, ports);
    const before = await loadFlow(request, ports);
    if (before.integrations.length > 0) return STALE;
    const outcome = await ports.unitOfWork.commit({ flow: { before, after: null } });
    return outcome === 'committed' ? undefined : STALE;
  }, ports);
}

async function unlinkIfLinked(step: StepRef & RemoveFlow, ports: LinkPorts): Promise<void> {
  try {
    await unlinkIntegration({ ...step, expected: null }, ports);
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'integration_not_found')) throw error;
  }
}
