import { getProvider } from '../../../shared/contract/http/providers.ts';
import { toProviderView } from '../../../shared/contract/http/views.ts';
import { providerNotFound } from '../../../shared/domain/model/provider.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const get = endpoint(getProvider, async ({ params, view }, { catalog }) => {
  const provider = catalog.list().find(({ id }) => id === params.provider);
  if (!provider) throw providerNotFound();
  return ok(toProviderView(provider, view));
});

export const handler = lambda(get, wiring);
