import { authorizeIntegration } from '../../../shared/contract/http/authorizations.ts';
import { startAuthorization } from '../../../shared/domain/authorizations/authorize.ts';
import { invalid } from '../../../shared/domain/errors.ts';
import { loadFlow, requireCapacity } from '../../../shared/domain/model/flow.ts';
import { created, endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const authorize = endpoint(authorizeIntegration, async ({ params, body, caller, view }, ports) => {
  const { projectId, flowId, stepId } = params;
  const { returnTo, fields = {}, name } = body;
  requireCapacity(await loadFlow(params, ports), stepId);
  const provider = ports.catalog.get(body.provider);
  if (!provider) throw invalid([{ path: 'provider', message: 'is not a provider of the catalog' }]);
  const target = { kind: 'create', flowId, stepId, name } as const;
  const request = { projectId, userId: caller.id, apiUrl: view.apiUrl, provider, target, returnTo, fields };
  return created(await startAuthorization(request, ports));
});

export const handler = lambda(authorize, wiring);
