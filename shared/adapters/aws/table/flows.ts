import type { Flow, FlowName, FlowReader, Integration, PageRequest } from '../../../domain/flows/flow.ts';
import { PLATFORM_ID } from '../../../domain/ids.ts';
import { invalidCursor, type Page } from '../../../domain/paging.ts';
import type { Table } from './client.ts';
import { batchGetConsistent } from './consistent-batch.ts';
import { flowHeadItem, flowItem, useItem } from './items.ts';
import { connectionPk, FLOWS_END, flowKey, flowSks, flowsPk, readFlowSk } from './keys.ts';
import { hydrateUntilFull, query, type Range, take } from './query.ts';

/** Reads flows from the table. */
export function flowReader(table: Table): FlowReader {
  return {
    findFlow: (projectId, flowId) => findFlow(table, projectId, flowId),

    async flows(projectId, page) {
      const range: Range = { partition: ['pk', flowsPk(projectId)], sort: ['sk', after(page), FLOWS_END] };
      const read = query(table, range, page.limit * 4);
      return pageOf(await Array.fromAsync(take(assemble(projectId, read), page.limit + 1)), page);
    },

    async flowsUsing(projectId, connectionId, page) {
      const found = hydrateUntilFull(usesOf(table, connectionId, page), page.limit + 1, async (ids) => {
        const keys = ids.map((id) => flowKey(projectId, id));
        const heads = await batchGetConsistent(table, keys, { attributes: ['name'] });
        const names = new Map(heads.map(readHead));
        return ids.flatMap((id) => named(id, names.get(id)));
      });
      return pageOf(await found, page);
    },

    async wholeFlowsUsing(projectId, connectionId, page) {
      const found = hydrateUntilFull(usesOf(table, connectionId, page), page.limit + 1, async (ids) => {
        const flows = await Promise.all(ids.map((id) => findFlow(table, projectId, id)));
        return flows.filter((flow) => flow !== undefined);
      });
      return pageOf(await found, page);
    },
  };
}

/** The ids of the flows that use a connection. */
async function* usesOf(table: Table, connectionId: string, page: PageRequest): AsyncGenerator<string> {
  const range: Range = {
    partition: ['pk', connectionPk(connectionId)],
    sort: ['sk', after(page), FLOWS_END],
  };
  for await (const item of query(table, range, page.limit + 1)) {
    yield readFlowSk(useItem.parse(item).sk).flowId;
  }
}

function readHead(item: unknown): readonly [id: string, name: string] {
  const { sk, name } = flowHeadItem.parse(item);
  return [readFlowSk(sk).flowId, name];
}

/** A flow that was removed meanwhile uses nothing any more. */
function named(id: string, name: string | undefined) {
  return name === undefined ? [] : [{ id, name }];
}

async function findFlow(table: Table, projectId: string, flowId: string): Promise<Flow | undefined> {
  const { from, to } = flowSks(flowId);
  const range: Range = { partition: ['pk', flowsPk(projectId)], sort: ['sk', from, to], consistent: true };
  const [flow] = await Array.fromAsync(take(assemble(projectId, query(table, range)), 1));
  return flow;
}

/**
 * Where a page of flows begins: at the first, or behind everything of the flow that the last page ended with.
 *
 * @throws DomainError `invalid_cursor` for a position that no page could have ended with.
 */
function after({ after: flowId }: PageRequest): string {
  if (flowId !== null && !PLATFORM_ID.test(flowId)) throw invalidCursor();
  return flowSks(flowId ?? '')[flowId === null ? 'from' : 'to'];
}

/** Puts flows together from their items: each flow's own comes first, then its steps'. */
async function* assemble(projectId: string, items: AsyncIterable<unknown>): AsyncGenerator<Flow> {
  let flow: (Flow & { integrations: Integration[] }) | undefined;
  for await (const raw of items) {
    const item = flowItem.parse(raw);
    const { flowId, stepId } = readFlowSk(item.sk);
    if ('revision' in item) {
      if (flow) yield flow;
      flow = { projectId, id: flowId, name: item.name, revision: item.revision, integrations: [] };
    } else if (flow && stepId !== null) {
      flow.integrations.push({ stepId, providerId: item.providerId, connectionId: item.connectionId });
    }
  }
  if (flow) yield flow;
}

function pageOf<F extends FlowName>(flows: readonly F[], { limit }: PageRequest): Page<F> {
  const items = flows.slice(0, limit);
  return { items, next: flows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
