import { catalog } from '../../../shared/catalog/index.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { renameConnection as route } from '../../../shared/routes/connections.ts';
import { connectionView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { gate, tableRead, tableWrite } from '../../wiring/table.ts';

export const rename = endpoint(route, async ({ params, body, caller, expected, viewing }, ports) => {
  const connection = await renameConnection({ ...params, name: body.name, expected, actor: caller }, ports);
  return ok(connectionView(connection, viewing));
});

export const handler = lambda(rename, {
  catalog,
  gate,
  ports: () => ({ ...tableRead(), ...tableWrite() }),
});
