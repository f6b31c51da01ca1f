import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import type { StoredConnection } from '../../../shared/domain/connections/stored.ts';
import { seededConnections } from '../../../tools/seed/connections.ts';
import { seededRandom } from '../../../tools/seed/random.ts';

/** A connection that is to be checked. */
export interface Due {
  readonly stored: StoredConnection;
  readonly isOfLarge: boolean;
  /** How many requests one check of it makes: one, and one more where the provider tells of an end apart. */
  readonly requests: number;
}

/** A project with its connections. */
export interface Tenant {
  readonly projectId: string;
  readonly connections: readonly Due[];
}

/** How many providers there are, all of one cadence, so that an hour has one turn of each connection. */
const PROVIDERS = 20;
const CADENCE = 'hour';
const SMALL_TENANTS = 100;
/** How often the large tenant has what a small one has. */
const TIMES = 100;
/** Now, so that no end that is seeded has come. */
const AT = new Date();

/**
 * One large tenant and a hundred small ones, each with as many connections of every provider, all active and known
 * to their providers: 4,000 in all for one of each provider, 100,000 for 25.
 *
 * @param each how many connections of each provider a small tenant has.
 */
export function tenantsWith(each: number): readonly Tenant[] {
  const providers = catalog
    .list()
    .flatMap(({ id }) => catalog.get(id) ?? [])
    .filter(({ cadence }) => cadence === CADENCE);
  if (providers.length < PROVIDERS) throw new Error(`Fewer than ${PROVIDERS} providers are checked hourly.`);
  const chosen = providers.slice(0, PROVIDERS);
  const small = Array.from({ length: SMALL_TENANTS }, (_, index) => `small-${index + 1}`);
  return [
    tenant('large', each * TIMES, chosen, true),
    ...small.map((projectId) => tenant(projectId, each, chosen, false)),
  ];
}

function tenant(projectId: string, each: number, providers: readonly Provider[], isOfLarge: boolean): Tenant {
  const connections = providers.flatMap((provider) => {
    const wanted = { projectId, connections: each, inactive: 0, expiring: 0, at: AT };
    const random = seededRandom(JSON.stringify([projectId, provider.id]));
    return Array.from(seededConnections(wanted, [provider], random), (stored) => ({
      stored,
      isOfLarge,
      requests: provider.expiry?.request ? 2 : 1,
    }));
  });
  return { projectId, connections };
}
