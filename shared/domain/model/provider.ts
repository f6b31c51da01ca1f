import type { Catalog, Provider } from '../../catalog/schema.ts';
import { failure } from '../errors.ts';
import type { Connection } from './connection.ts';

/** Port of every operation that calls providers. */
export interface ProviderPort {
  readonly catalog: Pick<Catalog, 'get'>;
}

/**
 * Returns the provider of a connection.
 *
 * @throws DomainError `provider_not_found` when the catalog does not have it: an operator removed it.
 */
export function requireProvider(
  { providerId }: Pick<Connection, 'providerId'>,
  { catalog }: ProviderPort,
): Provider {
  const provider = catalog.get(providerId);
  if (!provider) throw providerNotFound();
  return provider;
}

/** Creates the error of a provider that the catalog does not have. */
export function providerNotFound() {
  return failure('provider_not_found', 'The catalog has no such provider.');
}
