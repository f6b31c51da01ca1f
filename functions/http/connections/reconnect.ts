import { catalog } from '../../../shared/catalog/index.ts';
import { reconnect as reconnectConnection } from '../../../shared/domain/connections/reconnect.ts';
import { reconnectConnection as route } from '../../../shared/routes/connections.ts';
import { connectionView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { providersCall } from '../../wiring/providers.ts';
import { secretsWrite } from '../../wiring/secrets.ts';
import { gate, tableRead, tableWrite } from '../../wiring/table.ts';

export const reconnect = endpoint(route, async ({ params, body, caller, expected, viewing }, ports) => {
  const { credentials, expiresAt, allowAccountChange = false } = body;
  const connection = await reconnectConnection(
    { ...params, credentials, expiresAt, allowAccountChange, expected, actor: caller },
    ports,
  );
  return ok(connectionView(connection, viewing));
});

export const handler = lambda(reconnect, {
  catalog,
  gate,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsWrite(), ...providersCall() }),
});
