import { listFlows } from '../../../shared/contract/http/flows.ts';
import { toFlowView } from '../../../shared/contract/http/views.ts';
import { withStatuses } from '../../../shared/domain/flows/view.ts';
import { loadConnection } from '../../../shared/domain/model/connection.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const list = endpoint(listFlows, async ({ params: { projectId }, query }, ports) => {
  const { connectionId, limit, cursor } = query;
  const scope = { list: 'flows', projectId, connectionId };
  const request = { limit, after: cursor ? decodeCursor(cursor, scope) : null };
  if (connectionId !== undefined) await loadConnection({ projectId, connectionId }, ports);
  const page = connectionId
    ? await ports.flows.listUsing({ projectId, connectionId }, request)
    : await ports.flows.list(projectId, request);
  const flows = await withStatuses(projectId, page.items, ports);
  return ok({ items: flows.map(toFlowView), nextCursor: page.next && encodeCursor(page.next, scope) });
});

export const handler = lambda(list, wiring);
