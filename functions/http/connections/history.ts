import { catalog } from '../../../shared/catalog/index.ts';
import { listConnectionHistory } from '../../../shared/contract/http/connections.ts';
import { connectionNotFound } from '../../../shared/domain/connections/load.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead } from '../../wiring/table.ts';

export const history = endpoint(listConnectionHistory, async ({ params, query }, ports) => {
  const { projectId, connectionId } = params;
  const binding = { list: 'history', projectId, connectionId };
  const after = query.cursor ? decodeCursor(query.cursor, binding) : null;
  const { items, next } = await ports.history(projectId, connectionId, { limit: query.limit, after });
  if (items.length === 0) throw connectionNotFound();
  const told = items.map(({ id, at, type, actor, from, to, reason }) => ({
    id,
    at,
    type,
    actor,
    ...(from && { from }),
    ...(to && { to }),
    ...(reason && { reason }),
  }));
  return ok({ items: told, nextCursor: next && encodeCursor(next, binding) });
});

export const handler = lambda(history, { catalog, guards, ports: tableRead });
