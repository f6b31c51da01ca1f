import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { DAY_MS, started } from '../../../harness/secrets-manager/started.ts';

const token = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const put = (client: SecretsManager, n: number, VersionStages?: string[]) =>
  client.putSecretValue({
    SecretId: 'app',
    SecretString: `value ${n}`,
    ClientRequestToken: token(n),
    ...(VersionStages && { VersionStages }),
  });
const labels = async (client: SecretsManager) =>
  (await client.describeSecret({ SecretId: 'app' })).VersionIdsToStages;
const move = (client: SecretsManager, VersionStage: string, from: number | null, to: number | null) =>
  client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage,
    ...(from && { RemoveFromVersionId: token(from) }),
    ...(to && { MoveToVersionId: token(to) }),
  });

/** A secret `app` with version 1, and one more for each list of labels; undefined puts a version without a list. */
async function withVersions(...more: (string[] | undefined)[]) {
  const server = await started();
  await server.client.createSecret({ Name: 'app', SecretString: 'value 1', ClientRequestToken: token(1) });
  for (const [index, stages] of more.entries()) await put(server.client, index + 2, stages);
  return server;
}

test('PutSecretValue without VersionStages moves AWSCURRENT to the new version and AWSPREVIOUS to the former', async () => {
  const { client } = await withVersions();
  expect(await put(client, 2)).toMatchObject({ VersionId: token(2), VersionStages: ['AWSCURRENT'] });
  expect(await labels(client)).toEqual({ [token(2)]: ['AWSCURRENT'], [token(1)]: ['AWSPREVIOUS'] });
});

test('PutSecretValue with VersionStages moves those labels alone: AWSCURRENT stays', async () => {
  const { client } = await withVersions(['AWSPENDING']);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(2)]: ['AWSPENDING'] });
  expect((await put(client, 3, ['AWSPENDING', 'blue'])).VersionStages).toEqual(['AWSPENDING', 'blue']);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(3)]: ['AWSPENDING', 'blue'] });
});

test('PutSecretValue: the first version of a secret becomes AWSCURRENT, whatever its labels', async () => {
  const { client } = await started();
  expect((await client.createSecret({ Name: 'app' })).VersionId).toBeUndefined();
  await put(client, 1, ['AWSPENDING']);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT', 'AWSPENDING'] });
});

test('PutSecretValue: the same token and value change nothing, wherever the labels are by now', async () => {
  const { client } = await withVersions(undefined, undefined);
  const before = await labels(client);
  expect(await put(client, 2)).toMatchObject({ VersionId: token(2), VersionStages: ['AWSPREVIOUS'] });
  expect(await put(client, 1, ['AWSCURRENT'])).toMatchObject({ VersionId: token(1), VersionStages: [] });
  expect(await labels(client)).toEqual(before);
});

test('PutSecretValue: the same token and another value is ResourceExistsException and changes nothing', async () => {
  const { client } = await withVersions();
  const { ARN } = await client.describeSecret({ SecretId: 'app' });
  const repeated = { SecretId: 'app', ClientRequestToken: token(1), SecretString: 'other' };
  await expect(client.putSecretValue(repeated)).rejects.toMatchObject({
    name: 'ResourceExistsException',
    message: `You can't use ClientRequestToken ${token(1)} because that value is already in use for a version of secret ${ARN}.`,
  });
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'value 1' });
});

test('PutSecretValue: the token of one secret is free for another', async () => {
  const { client } = await withVersions();
  await client.createSecret({ Name: 'other', SecretString: 'value', ClientRequestToken: token(1) });
  expect(await client.getSecretValue({ SecretId: 'other' })).toMatchObject({ VersionId: token(1) });
});

test('GetSecretValue: AWSCURRENT by default, else by VersionId, VersionStage, or both', async () => {
  const { client, now } = await withVersions(undefined, undefined);
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({
    Name: 'app',
    SecretString: 'value 3',
    VersionId: token(3),
    VersionStages: ['AWSCURRENT'],
    CreatedDate: now(),
  });
  const read = async (version: { VersionId?: string; VersionStage?: string }) =>
    (await client.getSecretValue({ SecretId: 'app', ...version })).SecretString;
  expect(await read({ VersionId: token(1) })).toBe('value 1');
  expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('value 2');
  expect(await read({ VersionId: token(3), VersionStage: 'AWSCURRENT' })).toBe('value 3');
  await expect(read({ VersionId: token(2), VersionStage: 'AWSCURRENT' })).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test.each([
  { version: { VersionId: token(9) }, text: `VersionId: ${token(9)}` },
  { version: { VersionStage: 'AWSPENDING' }, text: 'staging label: AWSPENDING' },
])('GetSecretValue of $text, which is unknown, is ResourceNotFoundException', async ({ version, text }) => {
  const { client } = await withVersions();
  await expect(client.getSecretValue({ SecretId: 'app', ...version })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: `Secrets Manager can't find the specified secret value for ${text}`,
  });
});

test('UpdateSecretVersionStage moves AWSCURRENT, and AWSPREVIOUS to the version that had it', async () => {
  const { client } = await withVersions(['AWSPENDING']);
  expect((await move(client, 'AWSCURRENT', 1, 2)).Name).toBe('app');
  const moved = { [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSCURRENT', 'AWSPENDING'] };
  expect(await labels(client)).toEqual(moved);
  await move(client, 'AWSCURRENT', 2, 1);
  expect(await labels(client)).toEqual({
    [token(1)]: ['AWSCURRENT'],
    [token(2)]: ['AWSPENDING', 'AWSPREVIOUS'],
  });
});

test('UpdateSecretVersionStage gives a deprecated version AWSCURRENT', async () => {
  const { client } = await withVersions(undefined, undefined);
  expect(await labels(client)).not.toHaveProperty(token(1));
  await move(client, 'AWSCURRENT', 3, 1);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(3)]: ['AWSPREVIOUS'] });
});

test('UpdateSecretVersionStage adds a label, moves it and removes it', async () => {
  const { client } = await withVersions(['AWSPENDING']);
  await move(client, 'blue', null, 1);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT', 'blue'], [token(2)]: ['AWSPENDING'] });
  await move(client, 'blue', 1, 2);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(2)]: ['AWSPENDING', 'blue'] });
  await move(client, 'blue', 2, null);
  await move(client, 'AWSPENDING', 2, null);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'] });
});

test('UpdateSecretVersionStage to the version that has the label succeeds and changes nothing', async () => {
  const { client } = await withVersions(undefined);
  const before = await labels(client);
  await move(client, 'AWSCURRENT', null, 2);
  expect(await labels(client)).toEqual(before);
});

test.each([
  { problem: 'another version has the label and is not named', from: null, to: 1 },
  { problem: 'the named version does not have the label', from: 1, to: 1 },
  { problem: 'no version would be AWSCURRENT', from: 2, to: null },
  { problem: 'neither version is named', from: null, to: null },
])('UpdateSecretVersionStage: $problem: InvalidParameterException, nothing moves', async ({ from, to }) => {
  const { client } = await withVersions(undefined);
  const before = await labels(client);
  await expect(move(client, 'AWSCURRENT', from, to)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await labels(client)).toEqual(before);
});

test('UpdateSecretVersionStage to an unknown version is ResourceNotFoundException', async () => {
  const { client } = await withVersions();
  await expect(move(client, 'blue', null, 9)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('above 100 versions the oldest unlabeled ones older than a day are removed, labeled ones never', async () => {
  const { client, advance } = await withVersions();
  await move(client, 'keep', null, 1);
  for (let n = 2; n <= 100; n += 1) {
    advance(1);
    await put(client, n);
  }
  const isStored = async (n: number) =>
    client.getSecretValue({ SecretId: 'app', VersionId: token(n) }).then(
      () => true,
      () => false,
    );
  advance(DAY_MS - 99);
  await expect(put(client, 101), 'only the labeled first one is a day old').rejects.toMatchObject({
    name: 'LimitExceededException',
  });
  advance(50);
  await put(client, 101);
  expect(await Promise.all([1, 2, 3, 51, 101].map(isStored))).toEqual([true, false, true, true, true]);
});

test('up to 100 versions an unlabeled one is kept, however old', async () => {
  const { client, advance } = await withVersions(undefined, undefined);
  advance(400 * DAY_MS);
  await put(client, 4);
  const { SecretString } = await client.getSecretValue({ SecretId: 'app', VersionId: token(1) });
  expect(SecretString).toBe('value 1');
});
