import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../../shared/domain/terms.ts';
import { BackendProcess } from '../../harness/backend-process.ts';
import { readServing, readState, type Storage, type StoredState } from '../../harness/stored-state.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** More for a trial by hand: `CONNECTIONS=10000 npx vitest run …`. */
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 60);
const KILLS = 2;
const TIMEOUT = { timeout: 60_000 + 100 * CONNECTIONS };
const FAST = ['--per-second', '10000'];

const backend = new BackendProcess();
beforeAll(async () => {
  await backend.start();
  const seeding = ['tools/seed/main.ts', '--project', 'big', '--connections', String(CONNECTIONS)];
  await run(seeding);
}, TIMEOUT.timeout);
afterAll(() => backend.remove(), 60_000);

const environment = () => ({ ...process.env, DATA_DIR: backend.dataDir });
const command = (args: readonly string[]) => ['--disable-warning=ExperimentalWarning', ...args];

/** Runs a tool to its end, and returns what it prints. */
async function run(args: readonly string[]): Promise<string> {
  const options = { cwd: ROOT, env: environment() };
  return (await promisify(execFile)(process.execPath, command(args), options)).stdout;
}

const migration = (to: CredentialStoreName) => ['tools/credentials/main.ts', 'migrate', '--to', to, ...FAST];

/** Starts a migration, and kills it once it moved a share of the connections. */
async function killAfter(to: CredentialStoreName, isReached: (count: number) => boolean): Promise<void> {
  const child = spawn(process.execPath, command(migration(to)), {
    cwd: ROOT,
    env: environment(),
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  await backend.withStorage(async (storage) => {
    while (child.exitCode === null && !isReached(await countIn(storage, to)));
  });
  child.kill('SIGKILL');
  await exited;
}

/** Counts the connections in a store, while a migration runs: to read the whole state would take its time. */
async function countIn({ table, tableName: TableName }: Storage, store: CredentialStoreName) {
  const isInSecrets = 'attribute_not_exists(credentialStore) OR credentialStore = :store';
  const isInStore = store === 'sealed' ? 'credentialStore = :store' : isInSecrets;
  const FilterExpression = `begins_with(pk, :project) AND begins_with(sk, :connection) AND (${isInStore})`;
  const ExpressionAttributeValues = { ':project': 'PROJECT#', ':connection': 'CON#', ':store': store };
  const scan = { TableName, FilterExpression, ExpressionAttributeValues, Select: 'COUNT' } as const;
  let count = 0;
  for await (const { Count = 0 } of paginateScan({ client: table }, scan)) count += Count;
  return count;
}

const moved = (to: CredentialStoreName) => backend.withStorage((storage) => countIn(storage, to));

const state = (): Promise<StoredState> => backend.withStorage(readState);

/** Reads the serving credentials of every connection. */
const everyServing = () =>
  backend.withStorage(async (storage) => {
    const { connections } = await readState(storage);
    const texts = new Map<string, string | undefined>();
    for (const connection of connections) texts.set(connection.id, await readServing(storage, connection));
    return texts;
  });

const LEAVING: readonly (readonly [CredentialStoreName, CredentialStoreName])[] = [
  [CREDENTIAL_STORES[0], CREDENTIAL_STORES[1]],
  [CREDENTIAL_STORES[1], CREDENTIAL_STORES[0]],
];

describe.each(LEAVING)('a migration from %s to %s', TIMEOUT, (from, to) => {
  test('that is killed again and again, and repeated, loses nothing and ends complete', async () => {
    const before = await everyServing();
    expect([...before.values()].filter((text) => text === undefined)).toEqual([]);
    const all = before.size;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      await killAfter(to, (count) => count >= Math.min(all - 1, (all / (KILLS + 1)) * kill));
      expect(await everyServing()).toEqual(before);
    }
    expect(await moved(to)).toBeLessThan(all);
    const output = await run(migration(to));
    expect(output).toMatch(/waits 0, disconnected 0, failed 0/);
    expect(await moved(to)).toBe(all);
    expect(await everyServing()).toEqual(before);
  });

  test('retires the old copies, which a disconnect would too', async () => {
    const isRetired = ({ secrets }: StoredState) =>
      secrets.every(({ store, isScheduledForDeletion }) => store !== from || isScheduledForDeletion);
    await expect.poll(async () => isRetired(await state()), { timeout: 30_000 }).toBe(true);
  });

  test('leaves nothing to do for another one, and nothing to restore', async () => {
    expect(await run(migration(to))).toMatch(/^moved 0, kept \d+, waits 0, disconnected 0, failed 0$/m);
    const restored = await run(['tools/credentials/main.ts', 'restore']);
    expect(restored).toMatch(/^kept \d+, restored 0, lost 0, disconnected 0, failed 0$/m);
  });
});
