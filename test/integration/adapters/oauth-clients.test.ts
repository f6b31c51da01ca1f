import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { openSecretsManager } from '../../../shared/adapters/aws/secrets/credential-store.ts';
import { oauthClientIndex, oauthClientReader } from '../../../shared/adapters/aws/secrets/oauth-clients.ts';

const PREFIX = 'clients/';
const VALUE = { clientId: 'platform', clientSecret: 'made-up-client-secret' };
const SIX_MINUTES_MS = 6 * 60_000;

let client: ReturnType<typeof openSecretsManager>;
beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oauth-clients-'));
  const server = await startSecretsManager({ dataFile: join(directory, 'secrets.db') });
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
  });
  client = openSecretsManager();
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(async () => {
    vi.useRealTimers();
    client.destroy();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

const put = (name: string, value: unknown) =>
  client.send(new CreateSecretCommand({ Name: PREFIX + name, SecretString: JSON.stringify(value) }));

describe('an OAuth client', () => {
  test('is read from its secret, and seen rotated within five minutes', async () => {
    await put('google', VALUE);
    const clients = oauthClientReader(client, PREFIX);
    expect(await clients.find('google')).toEqual(VALUE);
    const rotated = { ...VALUE, clientSecret: 'made-up-new-secret' };
    const SecretString = JSON.stringify(rotated);
    await client.send(new PutSecretValueCommand({ SecretId: `${PREFIX}google`, SecretString }));
    expect(await clients.find('google')).toEqual(VALUE);
    vi.advanceTimersByTime(SIX_MINUTES_MS);
    expect(await clients.find('google')).toEqual(rotated);
  });

  test('that was never put, or was removed, is undefined and not configured', async () => {
    await put('google', VALUE);
    await client.send(new DeleteSecretCommand({ SecretId: `${PREFIX}google`, RecoveryWindowInDays: 7 }));
    for (const name of ['google', 'slack']) {
      expect(await oauthClientReader(client, PREFIX).find(name)).toBeUndefined();
      expect(await oauthClientIndex(client, PREFIX).isConfigured(name)).toBe(false);
    }
  });

  test('that is put later is seen within 10 seconds', async () => {
    const [clients, index] = [oauthClientReader(client, PREFIX), oauthClientIndex(client, PREFIX)];
    expect(await clients.find('google')).toBeUndefined();
    expect(await index.isConfigured('google')).toBe(false);
    await put('google', VALUE);
    expect(await index.isConfigured('google')).toBe(false);
    vi.advanceTimersByTime(10_000);
    expect(await clients.find('google')).toEqual(VALUE);
    expect(await index.isConfigured('google')).toBe(true);
  });

  test('in another form fails without repeating the secret', async () => {
    await put('google', { id: 'x', secret: 'made-up-client-secret' });
    const failed = oauthClientReader(client, PREFIX).find('google');
    await expect(failed).rejects.toThrow(/^Secrets Manager: reading an OAuth client failed: \S+$/);
  });
});
