import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { oauthClientIndex, oauthClientReader } from '../../../shared/adapters/aws/secrets/oauth-clients.ts';
import { started } from '../../harness/secrets-manager/started.ts';

const PREFIX = 'clients/';
const VALUE = { clientId: 'platform', clientSecret: 'made-up-client-secret' };
const SIX_MINUTES_MS = 6 * 60_000;

let client: SecretsManager;
beforeEach(async () => {
  ({ client } = await started());
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

const put = (name: string, value: unknown) =>
  client.createSecret({ Name: PREFIX + name, SecretString: JSON.stringify(value) });

describe('an OAuth client', () => {
  test('is read from its secret, and seen rotated within five minutes', async () => {
    await put('google', VALUE);
    const clients = oauthClientReader(client, PREFIX);
    expect(await clients.find('google')).toEqual(VALUE);
    const rotated = { ...VALUE, clientSecret: 'made-up-new-secret' };
    const SecretString = JSON.stringify(rotated);
    await client.putSecretValue({ SecretId: `${PREFIX}google`, SecretString });
    expect(await clients.find('google')).toEqual(VALUE);
    vi.advanceTimersByTime(SIX_MINUTES_MS);
    expect(await clients.find('google')).toEqual(rotated);
  });

  test('that was never put, or was removed, is undefined and not configured', async () => {
    await put('google', VALUE);
    await client.deleteSecret({ SecretId: `${PREFIX}google`, RecoveryWindowInDays: 7 });
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

  test('is looked up once for callers at the same time, and again after a failure', async () => {
    const send = vi.spyOn(client, 'send');
    const index = oauthClientIndex(client, PREFIX);
    const failing = vi.fn<() => Promise<never>>(() => Promise.reject(new Error('throttled')));
    send.mockImplementationOnce(failing);
    await expect(Promise.all([index.isConfigured('google'), index.isConfigured('google')])).rejects.toThrow();
    await put('google', VALUE);
    send.mockClear();
    const found = await Promise.all([1, 2, 3].map(() => index.isConfigured('google')));
    expect(found).toEqual([true, true, true]);
    expect(send).toHaveBeenCalledOnce();
  });

  test('in another form fails without repeating the secret', async () => {
    await put('google', { id: 'x', secret: 'made-up-client-secret' });
    const failed = oauthClientReader(client, PREFIX).find('google');
    await expect(failed).rejects.toThrow(/^Secrets Manager: reading an OAuth client failed: \S+$/);
  });
});
