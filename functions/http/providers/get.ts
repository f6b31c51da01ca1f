import { catalog } from '../../../shared/catalog/index.ts';
import { failure } from '../../../shared/domain/errors.ts';
import { getProvider } from '../../../shared/routes/providers.ts';
import { providerView } from '../../../shared/routes/views.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';

export const get = endpoint(getProvider, async ({ params, viewing }, { catalog: providers }) => {
  const provider = providers.get(params.provider);
  if (!provider) throw failure('provider_not_found', 'The catalogue has no such provider.');
  return ok(providerView(provider, viewing));
});

export const handler = lambda(get, { catalog, ports: () => ({}) });
