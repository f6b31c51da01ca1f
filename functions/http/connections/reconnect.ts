import { catalog } from '../../../shared/catalog/index.ts';
import { reconnectConnection as route } from '../../../shared/contract/http/connections.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { reconnect as reconnectConnection } from '../../../shared/domain/connections/reconnect.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { providersCall } from '../../wiring/providers.ts';
import { secretsWrite } from '../../wiring/secrets.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const reconnect = endpoint(route, async ({ params, body, caller, expected, view }, ports) => {
  const { credentials, expiresAt, allowAccountChange = false } = body;
  const connection = await reconnectConnection(
    { ...params, credentials, expiresAt, allowAccountChange, expected, actor: caller },
    ports,
  );
  return ok(connectionView(connection, view));
});

export const handler = lambda(reconnect, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsWrite(), ...providersCall() }),
});
