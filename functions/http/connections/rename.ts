import { renameConnection as route } from '../../../shared/contract/http/connections.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const rename = endpoint(route, async ({ params, body, caller, expected, view }, ports) => {
  const connection = await renameConnection({ ...params, name: body.name, expected, actor: caller }, ports);
  return ok(toConnectionView(connection, view, ports));
});

export const handler = lambda(rename, wiring);
