import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import {
  credentialReader,
  credentialRemover,
  credentialWriter,
  openSecrets,
} from '../../../shared/adapters/aws/secrets/credential-store.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

const OWNER = { projectId: 'demo', providerId: 'trello' };
const FIRST = { connectionId: 'con_1', version: '019c9f0c-0000-7000-8000-000000000001' };
const SECOND = { connectionId: 'con_1', version: '019c9f0c-0000-7000-8000-000000000002' };
const THIRD = { connectionId: 'con_1', version: '019c9f0c-0000-7000-8000-000000000003' };
const credentialsOf = ({ version }: typeof FIRST) => new Credentials({ token: `token of ${version}` });

/** The store with a connection's first version in it. */
let store: ReturnType<typeof openStore>;
beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'credentials-'));
  const server = await startSecretsManager({ dataFile: join(directory, 'secrets.db') });
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
  });
  const secrets = openSecrets({ prefix: 'test/', kmsKeyId: undefined, tags: {} });
  onTestFinished(async () => {
    secrets.client.destroy();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  store = openStore(secrets);
  await store.create(FIRST, credentialsOf(FIRST), OWNER);
});

function openStore(secrets: ReturnType<typeof openSecrets>) {
  return { ...credentialReader(secrets), ...credentialWriter(secrets), ...credentialRemover(secrets) };
}

const readToken = async (version: typeof FIRST) => (await store.read(version)).reveal().token;

describe('the credential store', () => {
  test('promotes the first version, and no later one by itself', async () => {
    await store.put(SECOND, credentialsOf(SECOND));
    expect(await store.promoted('con_1')).toBe(FIRST.version);
    for (const version of [FIRST, SECOND])
      expect(await readToken(version)).toBe(`token of ${version.version}`);
  });

  test('promotes a version if the expected one was promoted before', async () => {
    await store.put(SECOND, credentialsOf(SECOND));
    expect(await store.promote(SECOND, FIRST.version)).toBe(true);
    expect(await store.promoted('con_1')).toBe(SECOND.version);
  });

  test('promotes nothing if another version was promoted meanwhile', async () => {
    await store.put(SECOND, credentialsOf(SECOND));
    await store.put(THIRD, credentialsOf(THIRD));
    await store.promote(THIRD, FIRST.version);
    expect(await store.promote(SECOND, FIRST.version)).toBe(false);
    expect(await store.promoted('con_1')).toBe(THIRD.version);
  });

  test('accepts repeated calls', async () => {
    for (const _ of ['first', 'repeated']) {
      await store.create(FIRST, credentialsOf(FIRST), OWNER);
      await store.put(SECOND, credentialsOf(SECOND));
    }
    await store.promote(SECOND, FIRST.version);
    for (const _ of ['first', 'repeated']) await store.retire('con_1');
    await store.retire('con_2');
  });

  test('has nothing to promote for credentials that are gone', async () => {
    await store.put(SECOND, credentialsOf(SECOND));
    await store.retire('con_1');
    expect(await store.promote(SECOND, FIRST.version)).toBe(true);
    expect(await store.promoted('con_2')).toBeUndefined();
  });

  test('fails without repeating what AWS responded', async () => {
    await store.retire('con_1');
    await expect(store.read(FIRST)).rejects.toThrow(
      /^Secrets Manager: GetSecretValue failed: InvalidRequestException$/,
    );
    await expect(store.put(SECOND, credentialsOf(SECOND))).rejects.not.toHaveProperty('cause');
  });
});
