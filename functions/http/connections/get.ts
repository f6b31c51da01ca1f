import { catalog } from '../../../shared/catalog/index.ts';
import { loadConnection } from '../../../shared/domain/connections/load.ts';
import { getConnection } from '../../../shared/routes/connections.ts';
import { connectionView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { gate, tableRead } from '../../wiring/table.ts';

export const get = endpoint(getConnection, async ({ params, viewing }, ports) => {
  const [{ connection }, lastCheck] = await Promise.all([
    loadConnection(params, ports),
    ports.findCheck(params.connectionId),
  ]);
  return ok(connectionView(connection, viewing, lastCheck));
});

export const handler = lambda(get, { catalog, gate, ports: tableRead });
