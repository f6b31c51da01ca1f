import type { ConnectionRef } from '../../../domain/model/connection.ts';
import type { Flow, FlowName, FlowReader, FlowRef, Integration } from '../../../domain/model/flow.ts';
import { invalidCursor, type Page, type PageRequest } from '../../../domain/paging.ts';
import { PLATFORM_ID } from '../../../domain/terms.ts';
import { batchGetConsistent } from './batch-get.ts';
import type { Table } from './client.ts';
import { flowItem, flowNameItem, keyItem } from './items.ts';
import { connectionPk, FLOWS_END, flowKey, flowSks, flowsPk, parseFlowSk } from './keys.ts';
import { hydrateUntilFull, query, type Range, take } from './query.ts';

/** Reads flows from the table. */
export function flowReader(table: Table): FlowReader {
  return {
    find: (ref) => findFlow(table, ref),

    async list(projectId, page) {
      const range: Range = {
        partition: ['pk', flowsPk(projectId)],
        sort: ['sk', startOf(page), FLOWS_END],
      };
      const items = query(table, range, page.limit * 4);
      return toPage(await Array.fromAsync(take(assembleFlows(projectId, items), page.limit + 1)), page);
    },

    async listNamesUsing({ projectId, connectionId }, page) {
      const ids = flowIdsUsing(table, connectionId, page);
      const names = hydrateUntilFull(ids, page.limit + 1, async (batch) => {
        const keys = batch.map((id) => flowKey(projectId, id));
        const items = await batchGetConsistent(table, keys, { attributes: ['name'] });
        const byId = new Map(items.map(toNameEntry));
        return batch.flatMap((id) => toFlowName(id, byId.get(id)));
      });
      return toPage(await names, page);
    },

    async listUsing({ projectId, connectionId }, page) {
      const ids = flowIdsUsing(table, connectionId, page);
      const flows = hydrateUntilFull(ids, page.limit + 1, async (batch) => {
        const found = await Promise.all(batch.map((flowId) => findFlow(table, { projectId, flowId })));
        return found.filter((flow) => flow !== undefined);
      });
      return toPage(await flows, page);
    },
  };
}

async function* flowIdsUsing(
  table: Table,
  connectionId: ConnectionRef['connectionId'],
  page: PageRequest,
): AsyncGenerator<string> {
  const range: Range = {
    partition: ['pk', connectionPk(connectionId)],
    sort: ['sk', startOf(page), FLOWS_END],
  };
  for await (const item of query(table, range, page.limit + 1)) {
    yield parseFlowSk(keyItem.parse(item).sk).flowId;
  }
}

function toNameEntry(item: unknown): readonly [id: string, name: string] {
  const { sk, name } = flowNameItem.parse(item);
  return [parseFlowSk(sk).flowId, name];
}

/** A flow that was removed meanwhile uses no connection any more. */
function toFlowName(id: string, name: string | undefined): readonly FlowName[] {
  return name === undefined ? [] : [{ id, name }];
}

async function findFlow(table: Table, { projectId, flowId }: FlowRef): Promise<Flow | undefined> {
  const { from, to } = flowSks(flowId);
  const range: Range = { partition: ['pk', flowsPk(projectId)], sort: ['sk', from, to], consistent: true };
  const [flow] = await Array.fromAsync(take(assembleFlows(projectId, query(table, range)), 1));
  return flow;
}

/**
 * Returns the sort key at which a page starts: the first, or the one after all items of the previous page's last flow.
 *
 * @throws DomainError `invalid_cursor` for a position that no page can have ended with.
 */
function startOf({ after }: PageRequest): string {
  if (after !== null && !PLATFORM_ID.test(after)) throw invalidCursor();
  return after === null ? flowSks('').from : flowSks(after).to;
}

/** Assembles flows from their items: the flow's own item comes first, then its steps'. */
async function* assembleFlows(projectId: string, items: AsyncIterable<unknown>): AsyncGenerator<Flow> {
  let flow: (Flow & { integrations: Integration[] }) | undefined;
  for await (const raw of items) {
    const item = flowItem.parse(raw);
    const { flowId, stepId } = parseFlowSk(item.sk);
    if ('revision' in item) {
      if (flow) yield flow;
      flow = { projectId, id: flowId, name: item.name, revision: item.revision, integrations: [] };
    } else if (flow && stepId !== null) {
      flow.integrations.push({ stepId, providerId: item.providerId, connectionId: item.connectionId });
    }
  }
  if (flow) yield flow;
}

function toPage<F extends FlowName>(flows: readonly F[], { limit }: PageRequest): Page<F> {
  const items = flows.slice(0, limit);
  return { items, next: flows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
