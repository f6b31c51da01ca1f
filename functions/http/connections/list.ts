import { catalog } from '../../../shared/catalog/index.ts';
import { foldName } from '../../../shared/domain/connections/name.ts';
import { openCursor, sealCursor } from '../../../shared/domain/paging/cursor.ts';
import { listConnections } from '../../../shared/routes/connections.ts';
import { connectionView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { gate, tableRead } from '../../wiring/table.ts';

export const list = endpoint(listConnections, async ({ params: { projectId }, query, viewing }, ports) => {
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
    after: query.cursor ? openCursor(query.cursor, binding) : null,
  });
  const [{ items, next }, counts] = await Promise.all([page, ports.counts(projectId)]);
  return ok({
    items: items.map((connection) => connectionView(connection, viewing)),
    nextCursor: next && sealCursor(next, binding),
    counts,
  });
});

export const handler = lambda(list, { catalog, gate, ports: tableRead });
