import { getProvider } from '../../../shared/contract/http/providers.ts';
import { toProviderView } from '../../../shared/contract/http/views.ts';
import { providerNotFound } from '../../../shared/domain/model/provider.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const get = endpoint(getProvider, async ({ params, view }, { catalog, oauthClients }) => {
  const provider = catalog.list().find(({ id }) => id === params.provider);
  if (!provider) throw providerNotFound();
  return ok(await toProviderView(provider, view, { oauthClients }));
});

export const handler = lambda(get, wiring);
