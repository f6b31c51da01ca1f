import type { OperationContext } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { Committer } from '../unit-of-work.ts';
import type { Flow, FlowReader } from './flow.ts';
import type { FlowRef } from './load.ts';

export interface SaveFlow extends FlowRef {
  /** Normalised, 1 to 128 code points. */
  readonly name: string;
}

/**
 * Makes a flow known, or renames it.
 *
 * @throws DomainError `busy`.
 */
export function saveFlow(
  { projectId, flowId, name }: SaveFlow,
  ports: Pick<FlowReader, 'findFlow'> & Committer & OperationContext,
): Promise<Flow> {
  return untilCommitted(async () => {
    const before = (await ports.findFlow(projectId, flowId)) ?? null;
    if (before?.name === name) return before;
    const after = before
      ? { ...before, name, revision: before.revision + 1 }
      : { projectId, id: flowId, name, integrations: [], revision: 1 };
    const outcome = await ports.commit({ flow: { before, after } });
    return outcome === 'committed' ? after : STALE;
  }, ports);
}
