import { getConnection } from '../../../shared/contract/http/connections.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const get = endpoint(getConnection, async ({ params, access, view }, ports) => {
  const [found, lastCheck] = await Promise.all([access, ports.lastChecks.find(params.connectionId)]);
  const { connection } = requireConnection(found.connection);
  return ok(toConnectionView(connection, view, ports, lastCheck));
});

export const handler = lambda(get, wiring);
