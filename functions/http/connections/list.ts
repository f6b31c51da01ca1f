import { listConnections } from '../../../shared/contract/http/connections.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { foldName } from '../../../shared/domain/model/name.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const list = endpoint(
  listConnections,
  async ({ params: { projectId }, query, access, view }, ports) => {
    const { status, q, provider, expiring, sort, order = sort === 'name' ? 'asc' : 'desc', limit } = query;
    const scope = { list: 'connections', projectId, status, q, provider, expiring, sort, order };
    const { items, next } = await ports.connections.list({
      projectId,
      ...(status && { status }),
      ...(provider && { providerId: provider }),
      ...(expiring && { expiring: true }),
      ...(q !== undefined && { search: foldName(q), authorized: access }),
      sort,
      order,
      limit,
      after: query.cursor ? decodeCursor(query.cursor, scope) : null,
    });
    const { counts } = await access;
    return ok({
      items: items.map((connection) => toConnectionView(connection, view, ports)),
      nextCursor: next && encodeCursor(next, scope),
      counts,
    });
  },
);

export const handler = lambda(list, wiring);
