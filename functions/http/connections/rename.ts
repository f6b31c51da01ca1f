import { catalog } from '../../../shared/catalog/index.ts';
import { renameConnection as route } from '../../../shared/contract/http/connections.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const rename = endpoint(route, async ({ params, body, caller, expected, view }, ports) => {
  const connection = await renameConnection({ ...params, name: body.name, expected, actor: caller }, ports);
  return ok(connectionView(connection, view));
});

export const handler = lambda(rename, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite() }),
});
