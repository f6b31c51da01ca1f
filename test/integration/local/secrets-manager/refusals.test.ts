import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test, vi } from 'vitest';
import { clientOf, started } from '../../../fixtures/secrets-manager/started.ts';

const SIGNED =
  `AWS4-HMAC-SHA256 Credential=local/20261102/eu-west-1/secretsmanager/aws4_request, ` +
  `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;

/** A request written by hand, for what the SDK would never send. */
async function raw(url: string, target: string, body: string, authorization: string | undefined = SIGNED) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': target,
      ...(authorization && { Authorization: authorization }),
    },
    body,
  });
  return { status: response.status, headers: response.headers, answer: await response.json() };
}

const ofUnknown: [string, (client: SecretsManager) => Promise<unknown>][] = [
  ['GetSecretValue', (client) => client.getSecretValue({ SecretId: 'nobody' })],
  ['PutSecretValue', (client) => client.putSecretValue({ SecretId: 'nobody', SecretString: 'x' })],
  ['DescribeSecret', (client) => client.describeSecret({ SecretId: 'nobody' })],
  ['ListSecretVersionIds', (client) => client.listSecretVersionIds({ SecretId: 'nobody' })],
  ['RestoreSecret', (client) => client.restoreSecret({ SecretId: 'nobody' })],
  [
    'UpdateSecretVersionStage',
    (client) => client.updateSecretVersionStage({ SecretId: 'nobody', VersionStage: 'blue' }),
  ],
];

test.each(ofUnknown)('%s of an unknown secret is ResourceNotFoundException, HTTP 400', async (_, call) => {
  const { client } = await started();
  await expect(call(client)).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
});

test('an answer is AWS JSON 1.1 with a request id; an error carries __type and Message', async () => {
  const { url } = await started();
  const { status, headers, answer } = await raw(
    url,
    'secretsmanager.DescribeSecret',
    '{"SecretId":"nobody"}',
  );
  expect(status).toBe(400);
  expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer).toEqual({
    __type: 'ResourceNotFoundException',
    Message: "Secrets Manager can't find the specified secret.",
  });
});

test('a value of 65,536 bytes is kept; one byte more is ValidationException and is not repeated', async () => {
  const { client } = await started();
  const largest = 'ż'.repeat(32_768);
  await client.createSecret({ Name: 'app', SecretString: largest });
  expect((await client.getSecretValue({ SecretId: 'app' })).SecretString).toBe(largest);
  const refusal = expect.objectContaining({
    name: 'ValidationException',
    message: expect.stringMatching(
      /^1 validation error detected: Value at 'secret(String|Binary)' failed .* 65536$/,
    ),
    $metadata: expect.objectContaining({ httpStatusCode: 400 }),
  });
  await expect(client.putSecretValue({ SecretId: 'app', SecretString: `${largest}a` })).rejects.toEqual(
    refusal,
  );
  await expect(
    client.putSecretValue({ SecretId: 'app', SecretBinary: new Uint8Array(65_537) }),
  ).rejects.toEqual(refusal);
});

test.each([
  { bad: 'an empty SecretString', input: { SecretId: 'app', SecretString: '' }, field: 'secretString' },
  {
    bad: 'a token of 31 characters',
    input: { SecretId: 'app', SecretString: 'x', ClientRequestToken: 'a'.repeat(31) },
    field: 'clientRequestToken',
  },
  {
    bad: 'a token of 65 characters',
    input: { SecretId: 'app', SecretString: 'x', ClientRequestToken: 'a'.repeat(65) },
    field: 'clientRequestToken',
  },
  { bad: 'no SecretId', input: { SecretId: undefined, SecretString: 'x' }, field: 'secretId' },
  {
    bad: 'no label in VersionStages',
    input: { SecretId: 'app', SecretString: 'x', VersionStages: [] },
    field: 'versionStages',
  },
])('PutSecretValue with $bad is ValidationException naming $field', async ({ input, field }) => {
  const { client } = await started();
  await client.createSecret({ Name: 'app', SecretString: 'made up' });
  await expect(client.putSecretValue(input)).rejects.toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining(`'${field}' failed to satisfy constraint`),
  });
});

test.each(['Inv Name', ' Name', 'Na*me?', 'Name\n', 'nämé'])(
  'the name %j is ValidationException',
  async (Name) => {
    const { client } = await started();
    const refusal = { name: 'ValidationException', message: expect.stringContaining('Invalid name.') };
    await expect(client.createSecret({ Name, SecretString: 'made up' })).rejects.toMatchObject(refusal);
    await expect(client.getSecretValue({ SecretId: Name })).rejects.toMatchObject(refusal);
  },
);

test.each(['CreateSecret', 'PutSecretValue'])(
  'a raw %s without ClientRequestToken is InvalidRequestException',
  async (name) => {
    const { url } = await started();
    const body = JSON.stringify({ Name: 'app', SecretId: 'app', SecretString: 'made up' });
    expect(await raw(url, `secretsmanager.${name}`, body)).toMatchObject({
      status: 400,
      answer: {
        __type: 'InvalidRequestException',
        Message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
      },
    });
  },
);

test.each([
  { bad: 'unsigned', authorization: '', type: 'MissingAuthenticationTokenException' },
  {
    bad: 'signed in part',
    authorization: 'AWS4-HMAC-SHA256 Credential=local',
    type: 'IncompleteSignatureException',
  },
  {
    bad: 'signed for another service',
    authorization: SIGNED.replace('/secretsmanager/', '/dynamodb/'),
    type: 'InvalidSignatureException',
  },
])('a request $bad is $type', async ({ authorization, type }) => {
  const { url } = await started();
  const refused = await raw(url, 'secretsmanager.ListSecrets', '{}', authorization);
  expect(refused).toMatchObject({ status: 400, answer: { __type: type } });
});

test.each(['secretsmanager.NoSuchThing', 'dynamodb.ListSecrets', ''])(
  'the target %j is UnknownOperationException',
  async (target) => {
    const { url } = await started();
    expect(await raw(url, target, '{}')).toMatchObject({
      status: 400,
      answer: { __type: 'UnknownOperationException' },
    });
  },
);

test.each(['{', '[]', '"text"', '{"SecretId":7}', '{"SecretId":"app","VersionId":{}}'])(
  'the body %s is SerializationException',
  async (body) => {
    const { url } = await started();
    expect(await raw(url, 'secretsmanager.GetSecretValue', body)).toMatchObject({
      status: 400,
      answer: { __type: 'SerializationException' },
    });
  },
);

test('unknown members are let pass and null counts as absent', async () => {
  const { url } = await started();
  const body =
    '{"Name":"app","Description":null,"Later":1,"ClientRequestToken":"00000000-0000-4000-8000-000000000001"}';
  expect(await raw(url, 'secretsmanager.CreateSecret', body)).toMatchObject({ status: 200 });
});

test('no refusal repeats the submitted value, and nothing is written to the console', async () => {
  const written = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')];
  const { client, url } = await started();
  const canary = 'canary-7f3a';
  const Name = 'app';
  await client.createSecret({ Name, SecretString: 'made up', ClientRequestToken: '1'.repeat(32) });
  const bodies = [
    { Name, SecretString: canary, ClientRequestToken: '1'.repeat(32) },
    { Name, SecretString: [canary], ClientRequestToken: '2'.repeat(32) },
    { Name, SecretString: canary.repeat(6_000), ClientRequestToken: '3'.repeat(32) },
    { Name, SecretString: canary, SecretBinary: 'AAAA', ClientRequestToken: '4'.repeat(32) },
    { Name, SecretBinary: canary, ClientRequestToken: '5'.repeat(32) },
  ].map((body) => JSON.stringify(body));
  for (const body of [...bodies, `{"SecretString":"${canary}`]) {
    const { status, answer } = await raw(url, 'secretsmanager.CreateSecret', body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).not.toContain(canary);
  }
  for (const spy of written) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

test('a body over one megabyte is refused and the server goes on serving', async () => {
  const { url } = await started();
  const big = JSON.stringify({ SecretString: 'a'.repeat(1_100_000) });
  expect((await raw(url, 'secretsmanager.CreateSecret', big)).status).toBe(413);
  expect((await clientOf(url).listSecrets({})).SecretList).toEqual([]);
});
