import { listProviders } from '../../../shared/contract/http/providers.ts';
import { toProviderView } from '../../../shared/contract/http/views.ts';
import { foldName } from '../../../shared/domain/model/name.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const list = endpoint(listProviders, async ({ query, view }, { catalog, oauthClients }) => {
  const { q = '', category } = query;
  const providers = catalog
    .list()
    .filter((provider) => foldName(provider.name).includes(foldName(q)))
    .filter((provider) => category === undefined || provider.category === category);
  const items = providers.map((provider) => toProviderView(provider, view, { oauthClients }));
  return ok({ items: await Promise.all(items) });
});

export const handler = lambda(list, wiring);
