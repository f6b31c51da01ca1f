import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test, vi } from 'vitest';
import { DAY_MS, started } from '../../../fixtures/secrets-manager/started.ts';

const token = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;

test('the SDK finds the server by AWS_ENDPOINT_URL_SECRETS_MANAGER alone', async () => {
  const { url } = await started();
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', url);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
  const client = new SecretsManager({});
  try {
    const { Name } = await client.createSecret({ Name: 'by-environment', SecretString: 'made up' });
    expect(Name).toBe('by-environment');
  } finally {
    client.destroy();
    vi.unstubAllEnvs();
  }
});

test('CreateSecret: the ARN holds region, name and six random characters; the token becomes the VersionId', async () => {
  const { client } = await started();
  const created = await client.createSecret({
    Name: 'app/db',
    SecretString: 'made up',
    ClientRequestToken: token(1),
  });
  expect(created.ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:app\/db-[A-Za-z0-9]{6}$/);
  expect(created).toMatchObject({ Name: 'app/db', VersionId: token(1) });
});

test('CreateSecret: same token and same value answers the same again and makes nothing', async () => {
  const { client } = await started();
  const input = { Name: 'app', SecretString: 'made up', ClientRequestToken: token(1) };
  const { $metadata: _first, ...first } = await client.createSecret(input);
  const { $metadata: _second, ...second } = await client.createSecret(input);
  expect(second).toEqual(first);
  const { Versions } = await client.listSecretVersionIds({ SecretId: 'app', IncludeDeprecated: true });
  expect(Versions).toHaveLength(1);
});

test('CreateSecret: same token and other value is ResourceExistsException, the value stays', async () => {
  const { client } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'one', ClientRequestToken: token(1) });
  const again = client.createSecret({ Name: 'app', SecretString: 'two', ClientRequestToken: token(1) });
  await expect(again).rejects.toMatchObject({
    name: 'ResourceExistsException',
    $metadata: { httpStatusCode: 400 },
  });
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'one' });
});

test('CreateSecret: another token for a name that exists is ResourceExistsException, even with the same value', async () => {
  const { client } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'one', ClientRequestToken: token(1) });
  const again = client.createSecret({ Name: 'app', SecretString: 'one', ClientRequestToken: token(2) });
  await expect(again).rejects.toMatchObject({
    name: 'ResourceExistsException',
    message: 'The operation failed because the secret app already exists.',
  });
});

test('CreateSecret: without a value the secret has no version, and reading it is ResourceNotFoundException', async () => {
  const { client } = await started();
  const created = await client.createSecret({ Name: 'empty' });
  expect(created.VersionId).toBeUndefined();
  expect((await client.describeSecret({ SecretId: 'empty' })).VersionIdsToStages).toBeUndefined();
  await expect(client.getSecretValue({ SecretId: 'empty' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
  });
});

test('CreateSecret: text and binary at once is InvalidParameterException', async () => {
  const { client } = await started();
  const both = client.createSecret({
    Name: 'both',
    SecretString: 'made up',
    SecretBinary: new Uint8Array([1]),
  });
  await expect(both).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

test('GetSecretValue: binary comes back byte for byte, with no SecretString', async () => {
  const { client } = await started();
  const bytes = new Uint8Array([0, 1, 2, 255, 45, 254, 253]);
  await client.createSecret({ Name: 'binary', SecretBinary: bytes });
  const got = await client.getSecretValue({ SecretId: 'binary' });
  expect(new Uint8Array(got.SecretBinary ?? [])).toEqual(bytes);
  expect(got.SecretString).toBeUndefined();
});

test('GetSecretValue: by default the AWSCURRENT version, with its labels and time of creation', async () => {
  const { client, now } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'zażółć 🔑', ClientRequestToken: token(1) });
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({
    Name: 'app',
    SecretString: 'zażółć 🔑',
    VersionId: token(1),
    VersionStages: ['AWSCURRENT'],
    CreatedDate: now(),
  });
});

test('GetSecretValue: by VersionId, by VersionStage, and by both when they are one version', async () => {
  const { client } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'one', ClientRequestToken: token(1) });
  await client.putSecretValue({ SecretId: 'app', SecretString: 'two', ClientRequestToken: token(2) });
  const read = async (which: { VersionId?: string; VersionStage?: string }) =>
    (await client.getSecretValue({ SecretId: 'app', ...which })).SecretString;
  expect(await read({ VersionId: token(1) })).toBe('one');
  expect(await read({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
  expect(await read({ VersionId: token(2), VersionStage: 'AWSCURRENT' })).toBe('two');
});

test('GetSecretValue: VersionId and VersionStage of two versions is InvalidRequestException', async () => {
  const { client } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'one', ClientRequestToken: token(1) });
  await client.putSecretValue({ SecretId: 'app', SecretString: 'two', ClientRequestToken: token(2) });
  const mixed = client.getSecretValue({ SecretId: 'app', VersionId: token(1), VersionStage: 'AWSCURRENT' });
  await expect(mixed).rejects.toMatchObject({
    name: 'InvalidRequestException',
    message: 'You provided a VersionStage that is not associated to the provided VersionId.',
  });
});

test.each([
  { which: { VersionId: token(9) }, says: `VersionId: ${token(9)}` },
  { which: { VersionStage: 'AWSPENDING' }, says: 'staging label: AWSPENDING' },
])(
  'GetSecretValue: an unknown version is ResourceNotFoundException naming $says',
  async ({ which, says }) => {
    const { client } = await started();
    await client.createSecret({ Name: 'app', SecretString: 'one' });
    await expect(client.getSecretValue({ SecretId: 'app', ...which })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Secrets Manager can't find the specified secret value for ${says}`,
    });
  },
);

test('a secret is found by name, by full ARN and by ARN without the random characters', async () => {
  const { client } = await started();
  const { ARN = '' } = await client.createSecret({ Name: 'Valid/_+=.@-Name', SecretString: 'made up' });
  for (const SecretId of ['Valid/_+=.@-Name', ARN, ARN.slice(0, -7)]) {
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ ARN });
  }
});

test('a name that ends in a hyphen and six characters is not found by its partial ARN, which passes for a full one', async () => {
  const { client } = await started();
  const { ARN = '' } = await client.createSecret({ Name: 'app-a1b2c3', SecretString: 'made up' });
  await expect(client.getSecretValue({ SecretId: ARN.slice(0, -7) })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  expect(await client.getSecretValue({ SecretId: ARN })).toMatchObject({ Name: 'app-a1b2c3' });
});

test("the friendly name with the ARN's random characters is not the secret's name", async () => {
  const { client } = await started();
  const { ARN = '' } = await client.createSecret({ Name: 'app', SecretString: 'made up' });
  const named = ARN.split(':').at(-1);
  await expect(client.getSecretValue({ SecretId: named })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
});

test('DescribeSecret: what was given, when it was made and changed, and the day it was last read', async () => {
  const { client, now, advance } = await started();
  const made = now();
  await client.createSecret({
    Name: 'app',
    SecretString: 'made up',
    ClientRequestToken: token(1),
    Description: 'of a test',
    KmsKeyId: 'alias/test',
    Tags: [{ Key: 'project', Value: 'demo' }],
  });
  const unread = await client.describeSecret({ SecretId: 'app' });
  expect(unread).toMatchObject({
    Description: 'of a test',
    KmsKeyId: 'alias/test',
    Tags: [{ Key: 'project', Value: 'demo' }],
    CreatedDate: made,
    LastChangedDate: made,
    VersionIdsToStages: { [token(1)]: ['AWSCURRENT'] },
  });
  expect(unread.LastAccessedDate).toBeUndefined();
  expect(unread.DeletedDate).toBeUndefined();
  advance(DAY_MS);
  await client.getSecretValue({ SecretId: 'app' });
  const read = await client.describeSecret({ SecretId: 'app' });
  expect(read.LastAccessedDate).toEqual(new Date('2026-11-03T00:00:00.000Z'));
  expect(read.LastChangedDate).toEqual(made);
});
