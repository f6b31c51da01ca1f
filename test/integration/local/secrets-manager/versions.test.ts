import { paginateListSecretVersionIds, type SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { DAY_MS, started } from '../../../fixtures/secrets-manager/started.ts';

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

/** A secret `app` with version 1, and one more for each list of labels; no list: as PutSecretValue does alone. */
async function withVersions(...more: (string[] | undefined)[]) {
  const server = await started();
  await server.client.createSecret({ Name: 'app', SecretString: 'value 1', ClientRequestToken: token(1) });
  for (const [index, stages] of more.entries()) await put(server.client, index + 2, stages);
  return server;
}

test('PutSecretValue without VersionStages moves AWSCURRENT to the new version and AWSPREVIOUS to the former', async () => {
  const { client } = await withVersions();
  expect(await put(client, 2)).toMatchObject({
    Name: 'app',
    VersionId: token(2),
    VersionStages: ['AWSCURRENT'],
  });
  expect(await labels(client)).toEqual({ [token(2)]: ['AWSCURRENT'], [token(1)]: ['AWSPREVIOUS'] });
});

test('a version that loses its last label is deprecated: not listed unless asked, still read by its VersionId', async () => {
  const { client } = await withVersions(undefined, undefined);
  expect(await labels(client)).toEqual({ [token(3)]: ['AWSCURRENT'], [token(2)]: ['AWSPREVIOUS'] });
  const ids = async (IncludeDeprecated: boolean) => {
    const { Versions = [] } = await client.listSecretVersionIds({ SecretId: 'app', IncludeDeprecated });
    return Object.fromEntries(Versions.map(({ VersionId, VersionStages }) => [VersionId, VersionStages]));
  };
  expect(await ids(false)).toEqual({ [token(2)]: ['AWSPREVIOUS'], [token(3)]: ['AWSCURRENT'] });
  expect(await ids(true)).toEqual({
    [token(1)]: undefined,
    [token(2)]: ['AWSPREVIOUS'],
    [token(3)]: ['AWSCURRENT'],
  });
  const old = await client.getSecretValue({ SecretId: 'app', VersionId: token(1) });
  expect(old).toMatchObject({ SecretString: 'value 1', VersionStages: [] });
});

test('PutSecretValue with VersionStages moves just those labels, and AWSCURRENT stays', async () => {
  const { client } = await withVersions(['AWSPENDING', 'blue']);
  const third = await put(client, 3, ['green', 'blue']);
  expect(third.VersionStages).toEqual(['blue', 'green']);
  expect(await labels(client)).toEqual({
    [token(1)]: ['AWSCURRENT'],
    [token(2)]: ['AWSPENDING'],
    [token(3)]: ['blue', 'green'],
  });
});

test('PutSecretValue with AWSCURRENT among VersionStages moves AWSPREVIOUS too', async () => {
  const { client } = await withVersions(['AWSCURRENT', 'blue']);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSCURRENT', 'blue'] });
});

test('PutSecretValue: the first version of a secret becomes AWSCURRENT', async () => {
  const { client } = await started();
  await client.createSecret({ Name: 'app' });
  await put(client, 1, ['AWSPENDING']);
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT', 'AWSPENDING'] });
});

test('PutSecretValue: same token and same value succeeds and does nothing, wherever the labels are by now', async () => {
  const { client } = await withVersions(undefined, undefined);
  const before = await labels(client);
  expect(await put(client, 2)).toMatchObject({ VersionId: token(2), VersionStages: ['AWSPREVIOUS'] });
  expect(await put(client, 1, ['AWSCURRENT'])).toMatchObject({ VersionId: token(1), VersionStages: [] });
  expect(await labels(client)).toEqual(before);
});

test('PutSecretValue: same token and other value is ResourceExistsException and changes nothing', async () => {
  const { client } = await withVersions();
  const { ARN } = await client.describeSecret({ SecretId: 'app' });
  const other = { SecretId: 'app', ClientRequestToken: token(1) };
  const refusal = {
    name: 'ResourceExistsException',
    message: `You can't use ClientRequestToken ${token(1)} because that value is already in use for a version of secret ${ARN}.`,
  };
  await expect(client.putSecretValue({ ...other, SecretString: 'other' })).rejects.toMatchObject(refusal);
  const binary = client.putSecretValue({ ...other, SecretBinary: Buffer.from('value 1') });
  await expect(binary).rejects.toMatchObject(refusal);
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'value 1' });
});

test('PutSecretValue: same token with the same bytes repeats, with other bytes is ResourceExistsException', async () => {
  const { client } = await withVersions();
  const bytes = (...SecretBinary: number[]) =>
    client.putSecretValue({
      SecretId: 'app',
      SecretBinary: new Uint8Array(SecretBinary),
      ClientRequestToken: token(2),
    });
  await bytes(0, 255);
  expect((await bytes(0, 255)).VersionStages).toEqual(['AWSCURRENT']);
  await expect(bytes(0, 254)).rejects.toMatchObject({ name: 'ResourceExistsException' });
});

test('PutSecretValue: a token made for one secret is free for another', async () => {
  const { client } = await withVersions();
  await client.createSecret({ Name: 'other', SecretString: 'value', ClientRequestToken: token(1) });
  expect(await client.getSecretValue({ SecretId: 'other' })).toMatchObject({ VersionId: token(1) });
});

test('PutSecretValue: without a value it is InvalidRequestException', async () => {
  const { client } = await withVersions();
  await expect(client.putSecretValue({ SecretId: 'app' })).rejects.toMatchObject({
    name: 'InvalidRequestException',
  });
});

test('UpdateSecretVersionStage moves AWSCURRENT, and AWSPREVIOUS to the version it was removed from', async () => {
  const { client } = await withVersions(['AWSPENDING']);
  const moved = await client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'AWSCURRENT',
    RemoveFromVersionId: token(1),
    MoveToVersionId: token(2),
  });
  expect(moved.Name).toBe('app');
  expect(await labels(client)).toEqual({
    [token(1)]: ['AWSPREVIOUS'],
    [token(2)]: ['AWSCURRENT', 'AWSPENDING'],
  });
});

test('UpdateSecretVersionStage back to the AWSPREVIOUS version swaps the two labels', async () => {
  const { client } = await withVersions(undefined);
  await client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'AWSCURRENT',
    RemoveFromVersionId: token(2),
    MoveToVersionId: token(1),
  });
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(2)]: ['AWSPREVIOUS'] });
});

test('UpdateSecretVersionStage rescues a deprecated version by giving it AWSCURRENT', async () => {
  const { client } = await withVersions(undefined, undefined);
  await client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'AWSCURRENT',
    RemoveFromVersionId: token(3),
    MoveToVersionId: token(1),
  });
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSCURRENT'], [token(3)]: ['AWSPREVIOUS'] });
});

test('UpdateSecretVersionStage adds a label, moves it, and removes it; other labels stay', async () => {
  const { client } = await withVersions(undefined);
  const update = (move: { RemoveFromVersionId?: string; MoveToVersionId?: string }) =>
    client.updateSecretVersionStage({ SecretId: 'app', VersionStage: 'blue', ...move });
  await update({ MoveToVersionId: token(1) });
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSPREVIOUS', 'blue'], [token(2)]: ['AWSCURRENT'] });
  await update({ RemoveFromVersionId: token(1), MoveToVersionId: token(2) });
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSCURRENT', 'blue'] });
  await update({ RemoveFromVersionId: token(2) });
  expect(await labels(client)).toEqual({ [token(1)]: ['AWSPREVIOUS'], [token(2)]: ['AWSCURRENT'] });
});

test('UpdateSecretVersionStage of a label to the version that has it already succeeds and does nothing', async () => {
  const { client } = await withVersions(undefined);
  const before = await labels(client);
  await client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: token(2),
  });
  expect(await labels(client)).toEqual(before);
});

test.each([
  { fault: 'RemoveFromVersionId missing while another version has the label', from: undefined, to: token(1) },
  { fault: 'RemoveFromVersionId is not the present holder', from: token(1), to: token(1) },
  { fault: 'AWSCURRENT would be on no version', from: token(2), to: undefined },
  { fault: 'neither version is named', from: undefined, to: undefined },
])('UpdateSecretVersionStage: $fault: InvalidParameterException, nothing moves', async ({ from, to }) => {
  const { client } = await withVersions(undefined);
  const before = await labels(client);
  const update = client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'AWSCURRENT',
    RemoveFromVersionId: from,
    MoveToVersionId: to,
  });
  await expect(update).rejects.toMatchObject({
    name: 'InvalidParameterException',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await labels(client)).toEqual(before);
});

test('UpdateSecretVersionStage to a version that is not there is ResourceNotFoundException', async () => {
  const { client } = await withVersions();
  const update = client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'blue',
    MoveToVersionId: token(9),
  });
  await expect(update).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a secret has at most 20 labels over all versions: LimitExceededException', async () => {
  const { client } = await withVersions(Array.from({ length: 19 }, (_, n) => `label-${n}`));
  const twentyFirst = client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'label-19',
    MoveToVersionId: token(1),
  });
  await expect(twentyFirst).rejects.toMatchObject({ name: 'LimitExceededException' });
});

async function everyVersion(client: SecretsManager): Promise<(string | undefined)[]> {
  const input = { SecretId: 'app', IncludeDeprecated: true };
  const ids: (string | undefined)[] = [];
  for await (const page of paginateListSecretVersionIds({ client, pageSize: 60 }, input)) {
    ids.push(...(page.Versions ?? []).map(({ VersionId }) => VersionId));
  }
  return ids;
}

test('past 100 versions the oldest deprecated ones older than a day go; labelled ones never', async () => {
  const { client, advance } = await withVersions();
  await client.updateSecretVersionStage({
    SecretId: 'app',
    VersionStage: 'keep',
    MoveToVersionId: token(1),
  });
  for (let n = 2; n <= 100; n += 1) {
    advance(1);
    await put(client, n);
  }
  advance(DAY_MS - 99);
  await expect(put(client, 101), 'only the labelled first is a day old').rejects.toMatchObject({
    name: 'LimitExceededException',
  });
  expect(await everyVersion(client)).toHaveLength(100);
  advance(50);
  await put(client, 101);
  const left = await everyVersion(client);
  expect(left).toHaveLength(100);
  expect(left).not.toContain(token(2));
  expect(left).toEqual(expect.arrayContaining([token(1), token(3), token(51), token(101)]));
});

test('below 100 versions a deprecated one is kept however old', async () => {
  const { client, advance } = await withVersions(undefined, undefined);
  advance(400 * DAY_MS);
  await put(client, 4);
  const { Versions } = await client.listSecretVersionIds({ SecretId: 'app', IncludeDeprecated: true });
  expect(Versions).toHaveLength(4);
});
