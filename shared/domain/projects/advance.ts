import { processInBatches, type RunReport, type RunTime } from '../batches.ts';
import { SYSTEM } from '../model/history.ts';
import { addSeconds, DAY_SECONDS, type OperationContext, timestamp } from '../operation-context.ts';
import type { DeletionStatus } from '../terms.ts';
import { type DeletionStore, type ProjectContents, type ProjectDeletion, withStatus } from './deletion.ts';

export type AdvancePorts = OperationContext &
  RunTime & {
    readonly deletions: DeletionStore;
    readonly contents: ProjectContents;
  };

/** Connections of one commit, well below the 100 writes of a transaction: each is of 2 to 5 KB, and counts twice. */
const PAGE_SIZE = 25;
/** Pages of one project in a run, so that the others have their turn. */
const PAGES_PER_RUN = 200;
/** Connections removed in a minute: the stream worker revokes their grants one by one, some 5 in a second. */
const REMOVED_PER_MINUTE = 300;
/**
 * Time after which no stream record of a removal is left, and so no revocation that needs the project's data keys.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
const STREAM_RETENTION_SECONDS = DAY_SECONDS;

/**
 * Continues every deletion and restore that is due, page by page. Each page is one commit, on the condition that nothing
 * else changed the deletion: an interrupted run is continued by the next one, and a run that is overtaken by a restore
 * disables nothing more. A run starts no page without time for it, however many projects are due.
 */
export function advanceDeletions(ports: AdvancePorts): Promise<RunReport<string>> {
  const { contents, clock } = ports;
  return processInBatches(contents.due(clock.now()), (projectId) => advance(projectId, ports));
}

async function advance(projectId: string, ports: AdvancePorts): Promise<void> {
  for (let page = 0; page < PAGES_PER_RUN && ports.hasTime(); page += 1) {
    const deletion = await ports.deletions.find(projectId);
    if (!deletion || deletion.dueAt > timestamp(ports.clock.now())) return;
    // Where another change came first, the next read finds it.
    await NEXT_PAGE[deletion.status](deletion, ports);
  }
}

type NextPage = (before: ProjectDeletion, ports: AdvancePorts) => Promise<unknown>;

const NEXT_PAGE: Readonly<Record<DeletionStatus, NextPage>> = {
  async disabling(before, { deletions, contents }) {
    const disable = await contents.connections(before.projectId, before.position, PAGE_SIZE);
    const after =
      disable.length > 0
        ? beyond(before, disable)
        : withStatus(before, 'disabled', new Date(before.restorableUntil));
    await deletions.commit({ before, after, disable });
  },

  async restoring(before, { deletions, contents }) {
    const enable = await contents.connections(before.projectId, before.position, PAGE_SIZE);
    const after = enable.length > 0 ? beyond(before, enable) : null;
    await deletions.commit({ before, after, enable });
  },

  disabled: (before, { deletions, clock }) =>
    deletions.commit({ before, after: withStatus(before, 'removing', clock.now()) }),

  async removing(before, { deletions, contents, clock }) {
    const { projectId } = before;
    const removed = await contents.removeConnections(projectId, PAGE_SIZE);
    if (removed > 0) {
      const processed = before.processed + removed;
      const isPaced =
        Math.floor(processed / REMOVED_PER_MINUTE) > Math.floor(before.processed / REMOVED_PER_MINUTE);
      const dueAt = isPaced ? timestamp(addSeconds(clock.now(), 60)) : before.dueAt;
      return deletions.commit({ before, after: { ...before, processed, dueAt } });
    }
    const others =
      (await contents.removePastConnections(projectId, PAGE_SIZE)) +
      (await contents.removeFlows(projectId, PAGE_SIZE)) +
      (await contents.removeMembers(projectId, PAGE_SIZE)) +
      (await contents.removeImports(projectId, PAGE_SIZE));
    if (others > 0) return undefined;
    const dueAt = addSeconds(clock.now(), STREAM_RETENTION_SECONDS);
    return deletions.commit({ before, after: withStatus(before, 'removed', dueAt) });
  },

  async removed(before, { deletions, contents, clock, ids, correlationId }) {
    const { projectId } = before;
    await contents.removeKeys(projectId);
    const at = timestamp(clock.now());
    const event = {
      eventId: ids.next(),
      projectId,
      type: 'deleted',
      at,
      actor: SYSTEM,
      correlationId,
    } as const;
    await deletions.commit({ before, after: null, event });
  },
};

function beyond(before: ProjectDeletion, page: readonly { readonly connection: { readonly id: string } }[]) {
  const position = page.at(-1)?.connection.id ?? before.position;
  return { ...before, position, processed: before.processed + page.length };
}
