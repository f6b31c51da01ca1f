import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { DAY_MS, started } from '../../../fixtures/secrets-manager/started.ts';

async function withSecret() {
  const server = await started();
  const { ARN = '', VersionId = '' } = await server.client.createSecret({
    Name: 'app',
    SecretString: 'made up',
  });
  return { ...server, ARN, VersionId };
}

test.each([
  { given: {}, days: 30 },
  { given: { RecoveryWindowInDays: 7 }, days: 7 },
  { given: { RecoveryWindowInDays: 30 }, days: 30 },
])('DeleteSecret $given: DeletionDate is $days days on', async ({ given, days }) => {
  const { client, now, ARN } = await withSecret();
  expect(await client.deleteSecret({ SecretId: 'app', ...given })).toMatchObject({
    ARN,
    Name: 'app',
    DeletionDate: new Date(now().getTime() + days * DAY_MS),
  });
});

test.each([
  { given: { RecoveryWindowInDays: 6 } },
  { given: { RecoveryWindowInDays: 31 } },
  { given: { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true } },
])('DeleteSecret $given: InvalidParameterException, the secret stays', async ({ given }) => {
  const { client } = await withSecret();
  await expect(client.deleteSecret({ SecretId: 'app', ...given })).rejects.toMatchObject({
    name: 'InvalidParameterException',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'made up' });
});

const refused: [string, (client: SecretsManager, VersionId: string) => Promise<unknown>][] = [
  ['GetSecretValue', (client) => client.getSecretValue({ SecretId: 'app' })],
  ['PutSecretValue', (client) => client.putSecretValue({ SecretId: 'app', SecretString: 'new' })],
  [
    'UpdateSecretVersionStage',
    (client, MoveToVersionId) =>
      client.updateSecretVersionStage({ SecretId: 'app', VersionStage: 'blue', MoveToVersionId }),
  ],
  ['CreateSecret of its name', (client) => client.createSecret({ Name: 'app', SecretString: 'new' })],
  ['DeleteSecret again', (client) => client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 })],
];

test.each(refused)('a secret scheduled for deletion refuses %s: InvalidRequestException', async (_, call) => {
  const { client, VersionId } = await withSecret();
  await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  await expect(call(client, VersionId)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    $metadata: { httpStatusCode: 400 },
  });
});

test('a secret scheduled for deletion is still described, with its DeletedDate, and its versions are listed', async () => {
  const { client, VersionId } = await withSecret();
  const { DeletionDate } = await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  expect(await client.describeSecret({ SecretId: 'app' })).toMatchObject({
    DeletedDate: DeletionDate,
    VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] },
  });
  const { Versions } = await client.listSecretVersionIds({ SecretId: 'app' });
  expect(Versions).toHaveLength(1);
});

test('RestoreSecret cancels the deletion: the value is as it was, and DeletedDate is gone', async () => {
  const { client, ARN, advance } = await withSecret();
  await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  advance(7 * DAY_MS - 1);
  expect(await client.restoreSecret({ SecretId: 'app' })).toMatchObject({ ARN, Name: 'app' });
  advance(DAY_MS);
  expect(await client.getSecretValue({ SecretId: ARN })).toMatchObject({ SecretString: 'made up' });
  expect((await client.describeSecret({ SecretId: 'app' })).DeletedDate).toBeUndefined();
});

test('after its recovery window a secret is gone with its versions, and its name is free for a new ARN', async () => {
  const { client, ARN, VersionId, advance } = await withSecret();
  await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  advance(7 * DAY_MS);
  for (const SecretId of ['app', ARN]) {
    await expect(client.describeSecret({ SecretId })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  }
  await expect(client.restoreSecret({ SecretId: 'app' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  const remade = await client.createSecret({
    Name: 'app',
    SecretString: 'another',
    ClientRequestToken: VersionId,
  });
  expect(remade.ARN).not.toBe(ARN);
  const { Versions } = await client.listSecretVersionIds({ SecretId: 'app', IncludeDeprecated: true });
  expect(Versions).toHaveLength(1);
});

test('ForceDeleteWithoutRecovery removes at once, also a secret that is scheduled already', async () => {
  const { client } = await withSecret();
  await client.deleteSecret({ SecretId: 'app' });
  await client.deleteSecret({ SecretId: 'app', ForceDeleteWithoutRecovery: true });
  await expect(client.describeSecret({ SecretId: 'app' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('ForceDeleteWithoutRecovery of an unknown secret is no error; DeleteSecret of one is ResourceNotFoundException', async () => {
  const { client } = await started();
  const forced = await client.deleteSecret({ SecretId: 'nobody', ForceDeleteWithoutRecovery: true });
  expect(forced.Name).toBe('nobody');
  await expect(client.deleteSecret({ SecretId: 'nobody' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});
