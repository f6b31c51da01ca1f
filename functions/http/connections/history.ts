import { listConnectionHistory } from '../../../shared/contract/http/connections.ts';
import { toHistoryEntryView } from '../../../shared/contract/http/views.ts';
import { connectionNotFound } from '../../../shared/domain/model/connection.ts';
import { decodeCursor, encodeCursor } from '../../../shared/domain/paging.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const history = endpoint(listConnectionHistory, async ({ params, query }, ports) => {
  const scope = { list: 'history', ...params };
  const after = query.cursor ? decodeCursor(query.cursor, scope) : null;
  const { items, next } = await ports.history.list(params, { limit: query.limit, after });
  if (items.length === 0) throw connectionNotFound();
  return ok({ items: items.map(toHistoryEntryView), nextCursor: next && encodeCursor(next, scope) });
});

export const handler = lambda(history, wiring);
