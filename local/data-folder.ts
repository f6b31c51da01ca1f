import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';

/**
 * The version of everything that a data folder stores. Nothing migrates it: increase it with each change to a stored
 * item, secret or file that the code does not read in its older form, so that local mode asks for `--reset`.
 */
const DATA_VERSION = '6';

/** The destination of provider calls: the sandbox or the real services. Each mode keeps data of its own. */
export type ProviderMode = 'sandbox' | 'real';

/** The files of a data folder. Those of a provider mode are apart, so that no real service is sent demo credentials. */
export function dataFiles(dataDir: string, providers: ProviderMode) {
  return {
    version: join(dataDir, 'version'),
    engineKey: join(dataDir, 'engine-key.json'),
    issuer: join(dataDir, 'issuer.json'),
    log: join(dataDir, 'log.jsonl'),
    catalog: join(dataDir, 'catalog'),
    table: join(dataDir, `${providers}-table.db`),
    streamCheckpoint: join(dataDir, `${providers}-stream.json`),
    secrets: join(dataDir, `${providers}-secrets.db`),
    events: join(dataDir, `${providers}-events.jsonl`),
    sandbox: join(dataDir, `${providers}-sandbox.db`),
    /** Exists once the demo project is complete. */
    demoFilled: join(dataDir, `${providers}-demo-filled`),
  };
}

/** The name of the table of a provider mode. */
export function tableNameOf(providers: ProviderMode): string {
  return `connections-${providers}`;
}

/**
 * Makes a data folder, for its owner alone, or checks that this version of the project wrote the one that exists.
 *
 * @throws Error that asks for `--reset` where another version wrote it.
 */
export function openDataFolder(dataDir: string): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { version, engineKey } = dataFiles(dataDir, 'sandbox');
  const written = existsSync(version) ? readFileSync(version, 'utf8').trim() : undefined;
  if (written === DATA_VERSION) return;
  // Every version has written the key first, so that a folder without it holds no data yet.
  if (written !== undefined || existsSync(engineKey)) {
    throw new Error(
      `Another version of this project wrote the data in ${dataDir}, and this one cannot read it.
Delete it and start afresh with: npm start -- --reset`,
    );
  }
  writeFileSync(version, `${DATA_VERSION}\n`);
}

const keyFile = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** DynamoDB Local keeps the tables of each access key apart: with a fixed one, a reset finds its table again. */
export const ENGINE_ACCESS_KEY_ID = 'LOCALENGINE';

/** Reads the key that the flow engine signs with in local mode; makes it for a new data folder. */
export function flowEngineKey(dataDir: string): z.infer<typeof keyFile> {
  const { engineKey } = dataFiles(dataDir, 'sandbox');
  if (!existsSync(engineKey)) {
    const secretAccessKey = randomBytes(30).toString('base64url');
    writeFileSync(engineKey, JSON.stringify({ accessKeyId: ENGINE_ACCESS_KEY_ID, secretAccessKey }), {
      mode: 0o600,
    });
  }
  return keyFile.parse(JSON.parse(readFileSync(engineKey, 'utf8')));
}
