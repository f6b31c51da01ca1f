import type { Catalog, Provider } from '../../catalog/schema.ts';
import type { Connection } from './connection.ts';

/**
 * The provider of a connection.
 *
 * @throws Error when the catalogue no longer has it: entries are never removed while connections use them.
 */
export function providerOf({ providerId }: Connection, { catalog }: { readonly catalog: Catalog }): Provider {
  const provider = catalog.get(providerId);
  if (!provider)
    throw new Error(`The catalogue has no provider ${providerId}, but a connection of it exists.`);
  return provider;
}
