import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import {
  dataFiles,
  flowEngineKey,
  openDataFolder,
  type ProviderMode,
  tableNameOf,
} from '../../local/data-folder.ts';
import { REGION } from '../../local/environment.ts';
import { createTable } from '../../local/table/create.ts';
import { startEngine } from '../../local/table/engine.ts';
import { indexStreamRecords } from '../../local/table/stream-order.ts';
import { openTable, type Table } from '../../shared/adapters/aws/table/client.ts';

const sessionFile = z.object({
  dynamodbUrl: z.string(),
  sandboxUrl: z.string(),
  tableName: z.string(),
  pid: z.number(),
  runtime: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), region: z.string() }),
});

export interface OpenTable {
  readonly table: Table;
  /** The running local mode's, where one runs, else the requested one. */
  readonly providers: ProviderMode;
  /** The running local mode's; undefined where none runs. */
  readonly sandboxUrl: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens the table of a data folder: through the local mode that runs on it, or else with an engine of its own.
 *
 * @throws Error where another version of the project wrote the data, or the table's engine is missing.
 */
export async function openLocalTable(dataDir: string, providers: ProviderMode): Promise<OpenTable> {
  const session = runningSession(dataDir);
  if (session) {
    const { runtime, dynamodbUrl, sandboxUrl, tableName } = session;
    const table = tableAt(dynamodbUrl, { ...runtime, tableName });
    return {
      table,
      providers: tableName === tableNameOf('real') ? 'real' : 'sandbox',
      sandboxUrl,
      close: () => Promise.resolve(table.client.destroy()),
    };
  }
  openDataFolder(dataDir);
  const { table: dataFile } = dataFiles(dataDir, providers);
  const tableName = tableNameOf(providers);
  const key = flowEngineKey(dataDir);
  const engine = await startEngine({ dataFile });
  const table = tableAt(engine.url, { ...key, region: REGION, tableName });
  await createTable(tableName, engine.url);
  indexStreamRecords(dataFile);
  return {
    table,
    providers,
    sandboxUrl: undefined,
    async close() {
      table.client.destroy();
      await engine.close();
    },
  };
}

/** Reads the session of a running local mode. One that was killed leaves its file. */
function runningSession(dataDir: string) {
  const file = join(dataDir, 'session.json');
  if (!existsSync(file)) return undefined;
  const session = sessionFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  try {
    process.kill(session.pid, 0);
    return session;
  } catch {
    return undefined;
  }
}

/** Sets the variables from which the SDK takes its endpoint and identity. */
function tableAt(
  url: string,
  identity: { region: string; accessKeyId: string; secretAccessKey: string; tableName: string },
): Table {
  Object.assign(process.env, {
    AWS_REGION: identity.region,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: url,
  });
  return openTable(identity.tableName);
}
