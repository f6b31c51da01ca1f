import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { clientOf, DAY_MS, freshDataFile, started } from '../../../harness/secrets-manager/started.ts';

const PROCESS = fileURLToPath(new URL('../../../harness/secrets-manager/process.ts', import.meta.url));
const token = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function spawned(dataFile: string): Promise<{ child: ChildProcess; client: SecretsManager }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', PROCESS, dataFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) await kill(child);
  });
  const [url] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, client: clientOf(String(url)) };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const put = (client: SecretsManager, n: number) =>
  client.putSecretValue({ SecretId: 'app', SecretString: `value ${n}`, ClientRequestToken: token(n) });

test('a closed file opened again has the same secrets, versions, labels and scheduled deletions', async () => {
  const first = await started();
  await first.client.createSecret({ Name: 'app', SecretString: 'value 1', ClientRequestToken: token(1) });
  await put(first.client, 2);
  await first.client.createSecret({ Name: 'deleted', SecretString: 'made up' });
  await first.client.deleteSecret({ SecretId: 'deleted', RecoveryWindowInDays: 7 });
  const before = await first.client.listSecrets({ IncludePlannedDeletion: true });
  await first.close();
  const second = await started(first.dataFile);
  const after = await second.client.listSecrets({ IncludePlannedDeletion: true });
  expect(after.SecretList).toEqual(before.SecretList);
  const previous = await second.client.getSecretValue({ SecretId: 'app', VersionStage: 'AWSPREVIOUS' });
  expect(previous).toMatchObject({ SecretString: 'value 1', VersionId: token(1) });
  second.advance(7 * DAY_MS);
  expect((await second.client.listSecrets({ IncludePlannedDeletion: true })).SecretList).toHaveLength(1);
});

test('the file is readable by its owner alone', async () => {
  const { dataFile } = await started();
  expect(statSync(dataFile).mode & 0o777).toBe(0o600);
});

test('SIGKILL amid many writes: every acknowledged one is there, and no write is incomplete', async () => {
  const dataFile = freshDataFile();
  const first = await spawned(dataFile);
  await first.client.createSecret({ Name: 'app', SecretString: 'value 0', ClientRequestToken: token(0) });
  const acknowledged = new Set([0]);
  const writes = Array.from({ length: 60 }, async (_, index) => {
    await put(first.client, index + 1);
    acknowledged.add(index + 1);
    if (acknowledged.size === 20) first.child.kill('SIGKILL');
  });
  const results = await Promise.allSettled(writes);
  expect(results.some(({ status }) => status === 'rejected')).toBe(true);

  const { client } = await spawned(dataFile);
  for (const n of acknowledged) {
    const { SecretString } = await client.getSecretValue({ SecretId: 'app', VersionId: token(n) });
    expect(SecretString).toBe(`value ${n}`);
  }
  const { VersionIdsToStages = {} } = await client.describeSecret({ SecretId: 'app' });
  expect(Object.values(VersionIdsToStages).flat().sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  await put(client, 99);
  expect((await client.getSecretValue({ SecretId: 'app' })).SecretString).toBe('value 99');
});
