import { catalog } from '../../../shared/catalog/index.ts';
import { listFlows } from '../../../shared/contract/http/flows.ts';
import { flowView } from '../../../shared/contract/http/views.ts';
import { loadConnection } from '../../../shared/domain/connections/load.ts';
import { viewFlows } from '../../../shared/domain/flows/statuses.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead } from '../../wiring/table.ts';

export const list = endpoint(listFlows, async ({ params: { projectId }, query }, ports) => {
  const { connectionId, limit, cursor } = query;
  const binding = { list: 'flows', projectId, connectionId };
  const request = { limit, after: cursor ? decodeCursor(cursor, binding) : null };
  if (connectionId !== undefined) await loadConnection({ projectId, connectionId }, ports);
  const page = connectionId
    ? await ports.wholeFlowsUsing(projectId, connectionId, request)
    : await ports.flows(projectId, request);
  const views = await viewFlows(projectId, page.items, ports);
  return ok({ items: views.map(flowView), nextCursor: page.next && encodeCursor(page.next, binding) });
});

export const handler = lambda(list, { catalog, guards, ports: tableRead });
