import { completeAuthorization as route } from '../../../shared/contract/http/authorizations.ts';
import { toConnectionView } from '../../../shared/contract/http/views.ts';
import { completeAuthorization } from '../../../shared/domain/authorizations/complete.ts';
import { created, endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const complete = endpoint(route, async ({ params, body, caller, view }, ports) => {
  const request = { ...params, completion: body.completion, actor: caller };
  const { kind, connection } = await completeAuthorization(request, ports);
  const shown = toConnectionView(connection, view, ports);
  return kind === 'create' ? created(shown) : ok(shown);
});

export const handler = lambda(complete, wiring);
