import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import { seededConnections } from '../../../tools/seed/connections.ts';
import { seededRandom } from '../../../tools/seed/random.ts';

/** A connection whose check is due in the hour. */
export interface DueConnection {
  readonly stored: StoredConnection;
  /** True for a connection of the large tenant. */
  readonly isOfLarge: boolean;
  /** One, or two for a provider that reports the end of credentials in a response of its own. */
  readonly requestsPerCheck: number;
}

/** A project with its connections. */
export interface Tenant {
  readonly projectId: string;
  readonly connections: readonly DueConnection[];
}

/** Providers with a key, all of one cadence, so that each connection has one slot in an hour and its check no refresh. */
const PROVIDERS = 20;
const CADENCE = 'hour';
const SMALL_TENANTS = 100;
/** Connections of the large tenant for each of a small one. */
const LARGE_FACTOR = 100;
/** Now, so that no seeded credentials have expired. */
const AT = new Date();

/**
 * Creates one large tenant and 100 small ones, with active connections to every provider: 4,000 in total for one
 * connection per provider, 100,000 for 25.
 *
 * @param each connections of each provider in a small tenant.
 */
export function createTenants(each: number): readonly Tenant[] {
  const providers = catalog
    .list()
    .flatMap(({ id }) => catalog.get(id) ?? [])
    .filter(({ cadence, oauth2 }) => cadence === CADENCE && !oauth2);
  if (providers.length < PROVIDERS)
    throw new Error(`Fewer than ${PROVIDERS} providers have the cadence ${CADENCE}.`);
  const chosen = providers.slice(0, PROVIDERS);
  const small = Array.from({ length: SMALL_TENANTS }, (_, index) => `small-${index + 1}`);
  return [
    createTenant('large', each * LARGE_FACTOR, chosen, true),
    ...small.map((projectId) => createTenant(projectId, each, chosen, false)),
  ];
}

function createTenant(
  projectId: string,
  each: number,
  providers: readonly Provider[],
  isOfLarge: boolean,
): Tenant {
  const connections = providers.flatMap((provider) => {
    const request = { projectId, connections: each, inactive: 0, expiring: 0, at: AT };
    const random = seededRandom(JSON.stringify([projectId, provider.id]));
    return Array.from(seededConnections(request, [provider], random), (stored) => ({
      stored,
      isOfLarge,
      requestsPerCheck: provider.expiry?.request ? 2 : 1,
    }));
  });
  return { projectId, connections };
}
