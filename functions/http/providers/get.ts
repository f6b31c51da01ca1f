import { getProvider } from '../../../shared/contract/http/providers.ts';
import { toProviderView } from '../../../shared/contract/http/views.ts';
import { providerNotFound } from '../../../shared/domain/model/provider.ts';
import { endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { unlessKnown } from '../../../shared/runtime/http/if-none-match.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const get = endpoint(getProvider, async ({ params, view, ifNoneMatch }, { catalog, oauthClients }) => {
  const provider = catalog.form(params.provider);
  if (!provider) throw providerNotFound();
  return unlessKnown(await toProviderView(provider, view, { oauthClients }), ifNoneMatch);
});

export const handler = lambda(get, wiring);
