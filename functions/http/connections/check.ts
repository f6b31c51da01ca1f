import { catalog } from '../../../shared/catalog/index.ts';
import { checkConnection as route } from '../../../shared/contract/http/connections.ts';
import { connectionView } from '../../../shared/contract/http/views.ts';
import { checkConnection } from '../../../shared/domain/connections/check.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { providersCall } from '../../wiring/providers.ts';
import { secretsRead } from '../../wiring/secrets.ts';
import { guards, tableRead, tableWrite } from '../../wiring/table.ts';

export const check = endpoint(route, async ({ params, caller, view }, ports) => {
  const checked = await checkConnection({ ...params, actor: caller }, ports);
  return ok({
    connection: connectionView(checked.connection, view, {
      ...checked.check,
      scheduledFor: checked.check.at,
    }),
    check: checked.check,
  });
});

export const handler = lambda(check, {
  catalog,
  guards,
  ports: () => ({ ...tableRead(), ...tableWrite(), ...secretsRead(), ...providersCall() }),
});
