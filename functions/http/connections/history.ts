import { catalog } from '../../../shared/catalog/index.ts';
import { connectionNotFound } from '../../../shared/domain/connections/load.ts';
import { openCursor, sealCursor } from '../../../shared/domain/paging/cursor.ts';
import { listConnectionHistory } from '../../../shared/routes/connections.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { gate, tableRead } from '../../wiring/table.ts';

export const history = endpoint(listConnectionHistory, async ({ params, query }, ports) => {
  const { projectId, connectionId } = params;
  const binding = { list: 'history', projectId, connectionId };
  const after = query.cursor ? openCursor(query.cursor, binding) : null;
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
  return ok({ items: told, nextCursor: next && sealCursor(next, binding) });
});

export const handler = lambda(history, { catalog, gate, ports: tableRead });
