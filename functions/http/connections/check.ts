import { checkConnection as route } from '../../../shared/contract/http/credentials.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { checkConnection } from '../../../shared/domain/checks/check.ts';
import { requireConnection } from '../../../shared/domain/model/connection.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const check = endpoint(route, async ({ params, caller, access, view }, ports) => {
  const found = requireConnection((await access).connection);
  const { connection, check } = await checkConnection({ ...params, found, actor: caller }, ports);
  const lastCheck = { ...check, scheduledFor: check.at };
  return ok({ connection: toConnectionView(connection, view, ports, lastCheck), check });
});

export const handler = lambda(check, wiring);
