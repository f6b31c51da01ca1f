import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, onTestFinished, test } from 'vitest';
import { clientOf, DAY_MS, freshDataFile, started } from '../../../fixtures/secrets-manager/started.ts';

const PROCESS = fileURLToPath(new URL('../../../fixtures/secrets-manager/process.ts', import.meta.url));
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

test('closed and opened again on the same file: secrets, versions, labels and scheduled deletions are as they were', async () => {
  const first = await started();
  await first.client.createSecret({ Name: 'app', SecretString: 'value 1', ClientRequestToken: token(1) });
  await put(first.client, 2);
  await first.client.createSecret({
    Name: 'goes',
    SecretString: 'made up',
    Tags: [{ Key: 'k', Value: 'v' }],
  });
  await first.client.deleteSecret({ SecretId: 'goes', RecoveryWindowInDays: 7 });
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

test('the file is for its owner only', async () => {
  const { dataFile } = await started();
  expect(statSync(dataFile).mode & 0o777).toBe(0o600);
});

test('SIGKILL between two writes: the first is kept whole, and the second goes on from it', async () => {
  const dataFile = freshDataFile();
  const first = await spawned(dataFile);
  const { ARN } = await first.client.createSecret({
    Name: 'app',
    SecretString: 'value 1',
    ClientRequestToken: token(1),
  });
  await kill(first.child);

  const second = await spawned(dataFile);
  expect(await second.client.getSecretValue({ SecretId: 'app' })).toMatchObject({
    ARN,
    SecretString: 'value 1',
  });
  await put(second.client, 2);
  expect((await second.client.describeSecret({ SecretId: 'app' })).VersionIdsToStages).toEqual({
    [token(1)]: ['AWSPREVIOUS'],
    [token(2)]: ['AWSCURRENT'],
  });
});

test('SIGKILL amid many writes: every answered one is there, and no write is half done', async () => {
  const dataFile = freshDataFile();
  const first = await spawned(dataFile);
  await first.client.createSecret({ Name: 'app', SecretString: 'value 0', ClientRequestToken: token(0) });
  const answered = new Set([0]);
  const writes = Array.from({ length: 60 }, async (_, index) => {
    await put(first.client, index + 1);
    answered.add(index + 1);
    if (answered.size === 20) first.child.kill('SIGKILL');
  });
  const settled = await Promise.allSettled(writes);
  expect(settled.some(({ status }) => status === 'rejected')).toBe(true);

  const { client } = await spawned(dataFile);
  const { Versions = [] } = await client.listSecretVersionIds({ SecretId: 'app', IncludeDeprecated: true });
  const kept = new Set(Versions.map(({ VersionId }) => VersionId));
  for (const n of answered) expect(kept, `version ${n} was answered`).toContain(token(n));
  const labels = Versions.flatMap(({ VersionStages = [] }) => VersionStages).sort();
  expect(labels).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  for (const { VersionId } of Versions) {
    const { SecretString } = await client.getSecretValue({ SecretId: 'app', VersionId });
    expect(SecretString).toBe(`value ${Number(VersionId?.slice(-12))}`);
  }
});
