import { renameConnection as route } from '../../../shared/contract/http/connections.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const rename = endpoint(route, async ({ params, body, caller, access, expected, view }, ports) => {
  const found = requireConnection((await access).connection);
  const request = { ...params, name: body.name, found, expected, actor: caller };
  const connection = await renameConnection(request, ports);
  return ok(toConnectionView(connection, view, ports));
});

export const handler = lambda(rename, wiring);
