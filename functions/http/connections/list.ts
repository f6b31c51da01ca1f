import { catalog } from '../../../shared/catalog/index.ts';
import { listConnections } from '../../../shared/contract/http/connections.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { foldName } from '../../../shared/domain/connections/name.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead } from '../../wiring/table.ts';

export const list = endpoint(listConnections, async ({ params: { projectId }, query, view }, ports) => {
  const { status, q, provider, expiring, sort, order = sort === 'name' ? 'asc' : 'desc', limit } = query;
  const binding = { list: 'connections', projectId, status, q, provider, expiring, sort, order };
  const page = ports.connections({
    projectId,
    ...(status && { status }),
    ...(provider && { providerId: provider }),
    ...(expiring && { expiring: true }),
    ...(q !== undefined && { search: foldName(q) }),
    sort,
    order,
    limit,
    after: query.cursor ? decodeCursor(query.cursor, binding) : null,
  });
  const [{ items, next }, counts] = await Promise.all([page, ports.counts(projectId)]);
  return ok({
    items: items.map((connection) => connectionView(connection, view)),
    nextCursor: next && encodeCursor(next, binding),
    counts,
  });
});

export const handler = lambda(list, { catalog, guards, ports: tableRead });
