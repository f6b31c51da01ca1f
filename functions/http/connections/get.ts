import { catalog } from '../../../shared/catalog/index.ts';
import { getConnection } from '../../../shared/contract/http/connections.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { loadConnection } from '../../../shared/domain/connections/load.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead } from '../../wiring/table.ts';

export const get = endpoint(getConnection, async ({ params, view }, ports) => {
  const [{ connection }, lastCheck] = await Promise.all([
    loadConnection(params, ports),
    ports.findLastCheck(params.connectionId),
  ]);
  return ok(connectionView(connection, view, lastCheck));
});

export const handler = lambda(get, { catalog, guards, ports: tableRead });
