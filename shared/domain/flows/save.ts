import type { FindFlowPort, Flow, FlowRef } from '../model/flow.ts';
import type { CommitPort } from '../model/unit-of-work.ts';
import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';

export interface SaveFlow extends FlowRef {
  /** Normalized, 1 to 128 code points. */
  readonly name: string;
}

/**
 * Registers a flow, or renames it.
 *
 * @throws DomainError `busy`.
 */
export function saveFlow(
  { projectId, flowId, name }: SaveFlow,
  ports: FindFlowPort & CommitPort & OperationContext,
): Promise<Flow> {
  return untilCommitted(async () => {
    const before = (await ports.flows.find({ projectId, flowId })) ?? null;
    if (before?.name === name) return before;
    const after = before
      ? { ...before, name, revision: before.revision + 1 }
      : { projectId, id: flowId, name, integrations: [], revision: 1 };
    const outcome = await ports.unitOfWork.commit({ flow: { before, after } });
    return outcome === 'committed' ? after : STALE;
  }, ports);
}
