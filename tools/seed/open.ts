import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { engineKey } from '../../local/engine-key.ts';
import { createTable } from '../../local/table/create.ts';
import { startEngine } from '../../local/table/engine.ts';
import { type ProviderKind, REGION, tablePlace } from '../../local/table/place.ts';
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
  /** Whose table it is: that of the local mode that runs, whatever was asked for. */
  readonly providers: ProviderKind;
  /** Of the local mode that is running on it; undefined where none is. */
  readonly sandboxUrl: string | undefined;
  close(): Promise<void>;
}

/** The table of a data directory: that of the local mode that runs on it, or else opened here. */
export async function openLocalTable(dataDir: string, providers: ProviderKind): Promise<OpenTable> {
  const session = runningSession(dataDir);
  if (session) {
    const { runtime, dynamodbUrl, sandboxUrl, tableName } = session;
    const table = tableAt(dynamodbUrl, { ...runtime, tableName });
    return {
      table,
      providers: tableName === tablePlace(dataDir, 'real').tableName ? 'real' : 'sandbox',
      sandboxUrl,
      close: () => Promise.resolve(table.client.destroy()),
    };
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { dataFile, tableName } = tablePlace(dataDir, providers);
  const key = engineKey(join(dataDir, 'engine-key.json'));
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

/** A session outlives a local mode that was killed; what it says holds only while its process is there. */
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

/** The SDK takes its place and its identity from variables, as on AWS. */
function tableAt(
  url: string,
  by: { region: string; accessKeyId: string; secretAccessKey: string; tableName: string },
): Table {
  Object.assign(process.env, {
    AWS_REGION: by.region,
    AWS_ACCESS_KEY_ID: by.accessKeyId,
    AWS_SECRET_ACCESS_KEY: by.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: url,
  });
  return openTable(by.tableName);
}
