import { paginateListSecrets, type SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test, vi } from 'vitest';
import { DAY_MS, started } from '../../../harness/secrets-manager/started.ts';

const token = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function withSecret() {
  const server = await started();
  const secret = { Name: 'app', SecretString: 'made up', ClientRequestToken: token(1) };
  const { ARN = '' } = await server.client.createSecret(secret);
  return { ...server, secret, ARN };
}

test('CreateSecret: the token becomes the version; the ARN has region, name and six random characters', async () => {
  const { client } = await started();
  const created = await client.createSecret({
    Name: 'Valid/_+=.@-name',
    SecretString: 'zażółć 🔑',
    ClientRequestToken: token(1),
  });
  expect(created).toMatchObject({ Name: 'Valid/_+=.@-name', VersionId: token(1) });
  expect(created.ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:\d{12}:secret:Valid\/_\+=\.@-name-\w{6}$/);
  for (const SecretId of [created.Name, created.ARN]) {
    expect(await client.getSecretValue({ SecretId })).toMatchObject({ SecretString: 'zażółć 🔑' });
  }
});

test('CreateSecret: repeated with the same token and value it changes nothing and responds the same', async () => {
  const { client, secret, ARN } = await withSecret();
  expect(await client.createSecret(secret)).toMatchObject({ ARN, VersionId: token(1) });
  expect((await client.listSecrets({})).SecretList).toHaveLength(1);
});

test.each([
  { given: 'the same token and another value', ClientRequestToken: token(1), SecretString: 'other' },
  { given: 'another token and the same value', ClientRequestToken: token(2), SecretString: 'made up' },
])(
  'CreateSecret of an existing name with $given is ResourceExistsException',
  async ({ given: _, ...input }) => {
    const { client } = await withSecret();
    await expect(client.createSecret({ Name: 'app', ...input })).rejects.toMatchObject({
      name: 'ResourceExistsException',
      $metadata: { httpStatusCode: 400 },
    });
    expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'made up' });
  },
);

test('DescribeSecret: key, tags, creation and the labels of versions', async () => {
  const { client, now } = await started();
  const Tags = [{ Key: 'project', Value: 'demo' }];
  await client.createSecret({
    Name: 'app',
    SecretString: 'made up',
    ClientRequestToken: token(1),
    KmsKeyId: 'alias/test',
    Tags,
  });
  const described = await client.describeSecret({ SecretId: 'app' });
  expect(described).toMatchObject({
    Name: 'app',
    KmsKeyId: 'alias/test',
    Tags,
    CreatedDate: now(),
    VersionIdsToStages: { [token(1)]: ['AWSCURRENT'] },
  });
  expect(described.DeletedDate).toBeUndefined();
});

test.each([
  { given: {}, days: 30 },
  { given: { RecoveryWindowInDays: 7 }, days: 7 },
])(
  'DeleteSecret $given: DeletionDate is $days days from now, and the secret is described with it',
  async (deletion) => {
    const { client, now, ARN } = await withSecret();
    const DeletionDate = new Date(now().getTime() + deletion.days * DAY_MS);
    const deleted = await client.deleteSecret({ SecretId: 'app', ...deletion.given });
    expect(deleted).toMatchObject({ ARN, Name: 'app', DeletionDate });
    expect(await client.describeSecret({ SecretId: 'app' })).toMatchObject({ DeletedDate: DeletionDate });
  },
);

test.each([6, 31])('DeleteSecret with a window of %d days is InvalidParameterException', async (days) => {
  const { client } = await withSecret();
  const deleted = client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: days });
  await expect(deleted).rejects.toMatchObject({ name: 'InvalidParameterException' });
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'made up' });
});

const refused: [string, (client: SecretsManager) => Promise<unknown>][] = [
  ['GetSecretValue', (client) => client.getSecretValue({ SecretId: 'app' })],
  ['PutSecretValue', (client) => client.putSecretValue({ SecretId: 'app', SecretString: 'new' })],
  [
    'UpdateSecretVersionStage',
    (client) =>
      client.updateSecretVersionStage({ SecretId: 'app', VersionStage: 'x', MoveToVersionId: token(1) }),
  ],
  ['CreateSecret of its name', (client) => client.createSecret({ Name: 'app', SecretString: 'new' })],
  ['DeleteSecret', (client) => client.deleteSecret({ SecretId: 'app' })],
];

test.each(refused)('%s of a secret scheduled for deletion is InvalidRequestException', async (_, call) => {
  const { client } = await withSecret();
  await client.deleteSecret({ SecretId: 'app' });
  await expect(call(client)).rejects.toMatchObject({
    name: 'InvalidRequestException',
    $metadata: { httpStatusCode: 400 },
  });
});

test('RestoreSecret cancels the deletion, and succeeds where none is scheduled', async () => {
  const { client, ARN, advance } = await withSecret();
  await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  advance(7 * DAY_MS - 1);
  for (let call = 0; call < 2; call += 1) {
    expect(await client.restoreSecret({ SecretId: 'app' })).toMatchObject({ ARN, Name: 'app' });
  }
  advance(DAY_MS);
  expect(await client.getSecretValue({ SecretId: 'app' })).toMatchObject({ SecretString: 'made up' });
  expect((await client.describeSecret({ SecretId: 'app' })).DeletedDate).toBeUndefined();
});

test('after its recovery window a secret is gone with its versions, and its name is free for a new ARN', async () => {
  const { client, secret, ARN, advance } = await withSecret();
  await client.deleteSecret({ SecretId: 'app', RecoveryWindowInDays: 7 });
  advance(7 * DAY_MS);
  for (const call of [client.describeSecret({ SecretId: ARN }), client.restoreSecret({ SecretId: 'app' })]) {
    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  }
  expect((await client.createSecret({ ...secret, SecretString: 'another' })).ARN).not.toBe(ARN);
});

test('ListSecrets: in order of creation, by prefix of the name, without values', async () => {
  const { client } = await started();
  for (const Name of ['app/2', 'App/3', 'app/1', 'web/1']) {
    await client.createSecret({ Name, SecretString: 'made up' });
  }
  const { SecretList = [] } = await client.listSecrets({
    Filters: [{ Key: 'name', Values: ['app/', 'web'] }],
  });
  expect(SecretList.map(({ Name }) => Name)).toEqual(['app/2', 'app/1', 'web/1']);
  expect(Object.values(SecretList[0]?.SecretVersionsToStages ?? {})).toEqual([['AWSCURRENT']]);
  expect(JSON.stringify(SecretList)).not.toContain('made up');
});

test('ListSecrets: secrets scheduled for deletion only with IncludePlannedDeletion', async () => {
  const { client } = await withSecret();
  const { DeletionDate } = await client.deleteSecret({ SecretId: 'app' });
  expect((await client.listSecrets({})).SecretList).toEqual([]);
  const { SecretList } = await client.listSecrets({ IncludePlannedDeletion: true });
  expect(SecretList).toMatchObject([{ Name: 'app', DeletedDate: DeletionDate }]);
});

test('ListSecrets: pages hold each secret once, and a made-up token is InvalidNextTokenException', async () => {
  const { client } = await started();
  const names = Array.from({ length: 7 }, (_, n) => `app/${n}`);
  for (const Name of [...names, 'other']) await client.createSecret({ Name, SecretString: 'made up' });
  const pages: (string | undefined)[][] = [];
  const Filters = [{ Key: 'name' as const, Values: ['app/'] }];
  for await (const page of paginateListSecrets({ client, pageSize: 3 }, { Filters })) {
    pages.push(page.SecretList?.map(({ Name }) => Name) ?? []);
  }
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
  expect(pages.flat()).toEqual(names);
  const invalid = client.listSecrets({ NextToken: 'made-up' });
  await expect(invalid).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
});

const ofUnknown: [string, (client: SecretsManager) => Promise<unknown>][] = [
  ['GetSecretValue', (client) => client.getSecretValue({ SecretId: 'nobody' })],
  ['PutSecretValue', (client) => client.putSecretValue({ SecretId: 'nobody', SecretString: 'x' })],
  ['DescribeSecret', (client) => client.describeSecret({ SecretId: 'nobody' })],
  ['DeleteSecret', (client) => client.deleteSecret({ SecretId: 'nobody' })],
  ['RestoreSecret', (client) => client.restoreSecret({ SecretId: 'nobody' })],
  [
    'UpdateSecretVersionStage',
    (client) => client.updateSecretVersionStage({ SecretId: 'nobody', VersionStage: 'x' }),
  ],
];

test.each(ofUnknown)('%s of an unknown secret is ResourceNotFoundException', async (_, call) => {
  const { client } = await started();
  await expect(call(client)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
});

test('a value of 65,536 bytes is stored, and one byte more is ValidationException', async () => {
  const { client } = await started();
  const largest = 'ż'.repeat(32_768);
  await client.createSecret({ Name: 'app', SecretString: largest });
  expect((await client.getSecretValue({ SecretId: 'app' })).SecretString).toBe(largest);
  const over = client.putSecretValue({ SecretId: 'app', SecretString: `${largest}a` });
  await expect(over).rejects.toMatchObject({ name: 'ValidationException' });
});

test.each([
  { bad: 'an empty SecretString', input: { SecretString: '' } },
  { bad: 'a token of 31 characters', input: { ClientRequestToken: 'a'.repeat(31) } },
  { bad: 'a token of 65 characters', input: { ClientRequestToken: 'a'.repeat(65) } },
  { bad: 'an invalid name', input: { Name: 'Na*me' } },
  { bad: 'a member that the stand-in does not have', input: { Description: 'of a test' } },
])('CreateSecret with $bad is ValidationException', async ({ input }) => {
  const { client } = await started();
  const created = client.createSecret({ Name: 'app', SecretString: 'made up', ...input });
  await expect(created).rejects.toMatchObject({ name: 'ValidationException' });
});

const signedFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=local/20261102/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;

async function raw(url: string, operation: string, body: string, authorization: string) {
  const headers = { 'X-Amz-Target': operation, Authorization: authorization };
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, headers: response.headers, output: await response.json() };
}

test.each([
  ['unsigned', '', 'secretsmanager.ListSecrets', '{}', 'MissingAuthenticationTokenException'],
  [
    'signed for another service',
    signedFor('dynamodb'),
    'secretsmanager.ListSecrets',
    '{}',
    'InvalidSignatureException',
  ],
  [
    'for another operation',
    signedFor('secretsmanager'),
    'secretsmanager.ListSecretVersionIds',
    '{}',
    'UnknownOperationException',
  ],
  [
    'to another service',
    signedFor('secretsmanager'),
    'dynamodb.ListSecrets',
    '{}',
    'UnknownOperationException',
  ],
  [
    'of broken JSON',
    signedFor('secretsmanager'),
    'secretsmanager.ListSecrets',
    '{',
    'SerializationException',
  ],
])('a request %s is refused', async (_, authorization, operation, body, type) => {
  const { url } = await started();
  const { status, headers, output } = await raw(url, operation, body, authorization);
  expect(status).toBe(400);
  expect(output).toMatchObject({ __type: type, Message: expect.any(String) });
  expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
});

test('no refusal repeats the submitted value, and nothing is written to the console', async () => {
  const written = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  const { client, url } = await started();
  const canary = 'canary-7f3a';
  await client.createSecret({ Name: 'app', SecretString: 'made up', ClientRequestToken: token(1) });
  const bodies = [
    { Name: 'app', SecretString: canary, ClientRequestToken: token(1) },
    { Name: 'app', SecretString: [canary], ClientRequestToken: token(2) },
    { Name: 'app', SecretString: canary.repeat(6_000), ClientRequestToken: token(3) },
    { Name: 'app', SecretBinary: canary, ClientRequestToken: token(4) },
  ].map((body) => JSON.stringify(body));
  for (const body of [...bodies, `{"SecretString":"${canary}`]) {
    const { status, output } = await raw(
      url,
      'secretsmanager.CreateSecret',
      body,
      signedFor('secretsmanager'),
    );
    expect(status).toBe(400);
    expect(JSON.stringify(output)).not.toContain(canary);
  }
  for (const spy of written) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});
