import { catalog } from '../../../shared/catalog/index.ts';
import { getProvider } from '../../../shared/contract/http/providers.ts';
import { providerView } from '../../../shared/contract/http/views.ts';
import { failure } from '../../../shared/domain/errors.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';

export const get = endpoint(getProvider, async ({ params, view }, { catalog: providers }) => {
  const provider = providers.get(params.provider);
  if (!provider) throw failure('provider_not_found', 'The catalogue has no such provider.');
  return ok(providerView(provider, view));
});

export const handler = lambda(get, { catalog, ports: () => ({}) });
