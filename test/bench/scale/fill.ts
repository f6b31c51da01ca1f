import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { dataFiles } from '../../../local/data-folder.ts';
import { createPlatformSecrets } from '../../../local/platform-secrets.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import type { Action } from '../../../shared/adapters/aws/table/expression.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import type { DueConnection } from '../../../shared/domain/checks/ports.ts';
import { PERIOD_MINUTES, slotOf } from '../../../shared/domain/checks/slots.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import { seededConnections } from '../../../tools/seed/connections.ts';
import { addMembers } from '../../../tools/seed/fill.ts';
import { seededRandom } from '../../../tools/seed/random.ts';
import { importWrites } from '../import-project.ts';
import { sealedItems } from '../sealed-items.ts';

/** The project with a twentieth of all connections; the others have a thousand each. */
export const LARGE_PROJECT = 'large';
const LARGE_SHARE = 0.05;
const SMALL_CONNECTIONS = 1_000;
/** Connections whose writes are made together: one update of their project's counts. */
const CHUNK = 1_000;
/** Connections of the large project; the others have active connections alone, of which a check finds nothing new. */
const INACTIVE = 0.01;
const EXPIRING = 0.05;
/** The same ids whenever they are made. */
const AT = new Date();

/** The providers of the connections: all with a key that are checked hourly. The first are the most frequent. */
export function hourlyProviders(): readonly [Provider, ...Provider[]] {
  const [first, ...others] = catalog
    .list()
    .flatMap(({ id }) => catalog.get(id) ?? [])
    .filter(({ cadence, oauth2 }) => cadence === 'hour' && !oauth2);
  if (!first) throw new Error('No provider with a key is checked hourly.');
  return [first, ...others];
}

/** Number of connections of a stage, and of slots of an hour that store them: from slot 0 on. */
export interface Size {
  readonly connections: number;
  readonly slots: number;
}

/** Returns the number of connections of the large project. */
export function largeCount({ connections }: Size): number {
  return Math.ceil(connections * LARGE_SHARE);
}

/** Returns the connections of each slot of an hour, stored or not. */
export function slotsOf({ connections }: Size): readonly (readonly DueConnection[])[] {
  const slots = Array.from({ length: PERIOD_MINUTES.hour }, (): DueConnection[] => []);
  for (const { projectId, count } of projectsOf(connections)) {
    for (const { connection } of connectionsOf(projectId, count)) {
      const { id: connectionId, providerId } = connection;
      slots[slotOf(connectionId, 'hour')]?.push({ projectId, connectionId, providerId });
    }
  }
  return slots.map((due) => due.toSorted((a, b) => (a.providerId < b.providerId ? -1 : 1)));
}

/**
 * Fills the table of a data folder with sealed connections: all of the large project, and those of the others that are
 * due in the stored slots, which are as full as in the whole stage.
 *
 * @returns the number of connections that are stored.
 */
export async function fillTable(dataDir: string, size: Size): Promise<number> {
  const server = await startSecretsManager({ dataFile: dataFiles(dataDir, 'sandbox').secrets });
  const secrets = new SecretsManagerClient({ endpoint: server.url });
  try {
    await createPlatformSecrets(server.url, []);
    const stored = { count: 0 };
    await importWrites(dataDir, writesOf(size, sealedItems(secrets), stored), (table) =>
      addMembers(table, LARGE_PROJECT),
    );
    return stored.count;
  } finally {
    secrets.destroy();
    await server.close();
  }
}

async function* writesOf(
  { connections, slots }: Size,
  sealed: (stored: StoredConnection) => Promise<readonly Action[]>,
  written: { count: number },
): AsyncGenerator<Action> {
  let chunk: StoredConnection[] = [];
  for (const { projectId, count } of projectsOf(connections)) {
    for (const stored of connectionsOf(projectId, count)) {
      const isStored = projectId === LARGE_PROJECT || slotOf(stored.connection.id, 'hour') < slots;
      if (!isStored) continue;
      written.count += 1;
      chunk.push(stored);
      yield* await sealed(stored);
      if (chunk.length < CHUNK) continue;
      yield* puts(chunk);
      chunk = [];
    }
    yield* puts(chunk);
    chunk = [];
  }
}

function puts(connections: readonly StoredConnection[]): readonly Action[] {
  if (connections.length === 0) return [];
  return actionsOf({ connections: connections.map((after) => ({ before: null, after })) });
}

function* projectsOf(connections: number) {
  const large = largeCount({ connections, slots: PERIOD_MINUTES.hour });
  yield { projectId: LARGE_PROJECT, count: large };
  for (let left = connections - large; left > 0; left -= SMALL_CONNECTIONS) {
    yield { projectId: `small-${left}`, count: Math.min(left, SMALL_CONNECTIONS) };
  }
}

function* connectionsOf(projectId: string, connections: number): Generator<StoredConnection> {
  const inactive = projectId === LARGE_PROJECT ? INACTIVE : 0;
  const request = { projectId, connections, inactive, expiring: EXPIRING, at: AT };
  for (const stored of seededConnections(request, hourlyProviders(), seededRandom(projectId))) {
    yield { ...stored, credentialStore: 'sealed' };
  }
}
