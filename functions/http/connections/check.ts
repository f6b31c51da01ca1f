import { catalog } from '../../../shared/catalog/index.ts';
import { checkConnection } from '../../../shared/domain/connections/check.ts';
import { checkConnection as route } from '../../../shared/routes/connections.ts';
import { connectionView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { providersCall } from '../../wiring/providers.ts';
import { secretsRead } from '../../wiring/secrets.ts';
import { gate, tableRead, tableWrite } from '../../wiring/table.ts';

export const check = endpoint(route, async ({ params, caller, viewing }, ports) => {
  const checked = await checkConnection({ ...params, actor: caller }, ports);
  return ok({
    connection: connectionView(checked.connection, viewing, { ...checked.check, turn: checked.check.at }),
    check: checked.check,
  });
});

export const handler = lambda(check, {
  catalog,
  gate,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsRead(), ...providersCall() }),
});
