import { dataFiles } from '../../../local/data-folder.ts';
import { AcceptedCredentials } from '../../../local/sandbox/accepted.ts';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import { acceptedCredentials, storeSecrets } from '../../../tools/seed/credentials.ts';
import { importWrites } from '../import-project.ts';
import type { Due, Tenant } from './tenants.ts';

/**
 * Puts the tenants' connections in the table, their secrets in the store and their credentials in the sandbox.
 *
 * @returns each connection by the id that the sandbox has for its credentials.
 */
export async function prepare(
  dataDir: string,
  tenants: readonly Tenant[],
): Promise<ReadonlyMap<string, Due>> {
  const files = dataFiles(dataDir, 'sandbox');
  const all = tenants.flatMap(({ connections }) => connections);
  const connections = all.map(({ stored }) => stored);
  storeSecrets(files.secrets, connections);
  const ids = new AcceptedCredentials(files.sandbox).acceptAll(connections.map(acceptedCredentials));
  const changes = tenants.map(({ connections }) =>
    connections.map(({ stored }) => ({ before: null, after: stored })),
  );
  await importWrites(
    dataDir,
    changes.flatMap((connections) => actionsOf({ connections })),
  );
  return new Map(all.map((due, index) => [ids[index] ?? '', due]));
}
