import { join } from 'node:path';

/** The region that everything local is in. */
export const REGION = 'eu-west-1';

/** Whether providers are played by the sandbox, or called for real. Each kind has data of its own. */
export type ProviderKind = 'sandbox' | 'real';

/** Where the table of a data directory is kept, and its name. */
export function tablePlace(dataDir: string, providers: ProviderKind) {
  return { dataFile: join(dataDir, `${providers}-table.db`), tableName: `connections-${providers}` };
}
