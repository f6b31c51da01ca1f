import { compareProviders } from '../../../shared/catalog/order.ts';
import type { PublicProvider } from '../../../shared/catalog/schema.ts';
import { listProviders } from '../../../shared/contract/http/providers.ts';
import { toProviderView } from '../../../shared/contract/http/views.ts';
import { foldName } from '../../../shared/domain/model/name.ts';
import { decodeCursor, encodeCursor, invalidCursor } from '../../../shared/domain/paging.ts';
import { endpoint } from '../../../shared/runtime/http/endpoint.ts';
import { unlessKnown } from '../../../shared/runtime/http/if-none-match.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

export const list = endpoint(
  listProviders,
  async ({ query, view, ifNoneMatch }, { catalog, oauthClients }) => {
    const { q = '', category, auth, available, limit, cursor } = query;
    const search = foldName(q);
    const scope = { list: 'providers', q, category, auth, available };
    const after = cursor === undefined ? undefined : toPosition(decodeCursor(cursor, scope));
    const found = catalog
      .list()
      .filter(
        (provider) =>
          (after === undefined || compareProviders(after, provider) < 0) &&
          foldName(provider.name).includes(search) &&
          (category === undefined || provider.category === category) &&
          (auth === undefined || provider.auth.type === auth),
      );
    const toViews = (providers: readonly PublicProvider[]) =>
      Promise.all(providers.map((provider) => toProviderView(provider, view, { oauthClients })));
    // Without the filter, only the OAuth clients of the page's own providers are looked up.
    const items =
      available === undefined
        ? await toViews(found.slice(0, limit + 1))
        : (await toViews(found)).filter((provider) => provider.available === (available === 'true'));
    const page = items.slice(0, limit);
    const last = items.length > limit ? page.at(-1) : undefined;
    const nextCursor = last === undefined ? null : encodeCursor(fromPosition(last), scope);
    return unlessKnown({ items: page, nextCursor }, ifNoneMatch);
  },
);

/** A position names both parts of the order, so that it holds where its provider has left the catalog. */
function fromPosition({ id, name }: Pick<PublicProvider, 'id' | 'name'>): string {
  return `${id} ${name}`;
}

function toPosition(position: string): Pick<PublicProvider, 'id' | 'name'> {
  const [, id, name] = /^(\S+) (.+)$/s.exec(position) ?? [];
  if (id === undefined || name === undefined) throw invalidCursor();
  return { id, name };
}

export const handler = lambda(list, wiring);
