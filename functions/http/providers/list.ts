import { catalog } from '../../../shared/catalog/index.ts';
import { listProviders } from '../../../shared/contract/http/providers.ts';
import { providerView } from '../../../shared/contract/http/views.ts';
import { foldName } from '../../../shared/domain/connections/name.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';

export const list = endpoint(listProviders, async ({ query: { q = '', category }, view }) => {
  const wanted = view.catalog
    .list()
    .filter((provider) => foldName(provider.name).includes(foldName(q)))
    .filter((provider) => category === undefined || provider.category === category);
  return ok({ items: wanted.map((provider) => providerView(provider, view)) });
});

export const handler = lambda(list, { catalog, ports: () => ({}) });
