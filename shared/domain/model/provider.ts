import type { Catalog, Provider } from '../../catalog/schema.ts';
import { failure } from '../errors.ts';
import type { Connection } from './connection.ts';

/**
 * Returns the provider of a connection.
 *
 * @throws DomainError `provider_not_found` when the catalog does not have it: an operator removed it.
 */
export function requireProvider(
  { providerId }: Pick<Connection, 'providerId'>,
  { catalog }: { readonly catalog: Catalog },
): Provider {
  const provider = catalog.get(providerId);
  if (!provider) throw failure('provider_not_found', 'The catalog has no such provider.');
  return provider;
}
