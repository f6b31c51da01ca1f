import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { startSandbox } from '../../../local/sandbox/server.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { openSandbox } from './sandbox.ts';

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

function verify(id: string, name: string, endpointUrl = sandbox.url) {
  const provider = catalog.get(id);
  if (provider === undefined) throw new Error(`no ${id}`);
  return createVerifier({ endpointUrl }).verify(provider, new Credentials(sampleCredentials(id, name)));
}

describe('the sandbox', () => {
  it.each(['trello', 'github', 'stripe', 'notion', 'airtable', 'calcom', 'mailchimp', 'shopify'])(
    'has %s tell the account it was given',
    async (id) => {
      const account = { id: 'account-7', label: 'bookings@example.com' };
      await sandbox.accept(id, sampleCredentials(id, 'mine'), { account });
      expect(await verify(id, 'mine')).toMatchObject({ outcome: 'ok', account });
    },
  );

  it.each([
    ['github', '2099-03-04T05:06:07.000Z'],
    ['trello', '2099-03-04T05:06:07.000Z'],
    ['gitlab', '2099-03-04T00:00:00.000Z'],
    ['notion', null],
  ])('has %s tell an expiry as that service tells it', async (id, expiresAt) => {
    await sandbox.accept(id, sampleCredentials(id, 'ending'), { expiresAt: '2099-03-04T06:06:07+01:00' });
    expect(await verify(id, 'ending')).toMatchObject({ outcome: 'ok', expiresAt });
  });

  it('remembers what it accepted, and revoked, when it dies without a word', async () => {
    await sandbox.accept('slack', sampleCredentials('slack', 'kept'));
    await sandbox.revoke(await sandbox.accept('slack', sampleCredentials('slack', 'lost')));
    const next = await startSandbox({ dataFile: sandbox.dataFile });
    expect(await verify('slack', 'kept', next.url)).toMatchObject({ outcome: 'ok' });
    expect(await verify('slack', 'lost', next.url)).toMatchObject({ outcome: 'rejected' });
    await next.close();
  });

  it('accepts again what was revoked and given anew', async () => {
    await sandbox.revoke(await sandbox.accept('asana', sampleCredentials('asana', 'back')));
    await sandbox.accept('asana', sampleCredentials('asana', 'back'));
    expect(await verify('asana', 'back')).toMatchObject({ outcome: 'ok' });
  });

  it('answers rightly, if late, when slow', async () => {
    await sandbox.accept('linear', sampleCredentials('linear', 'late'));
    await sandbox.fault('linear', 'slow');
    expect(await verify('linear', 'late')).toMatchObject({ outcome: 'ok' });
    expect(await sandbox.requests('linear')).toMatchObject([
      { host: 'api.linear.app', path: '/graphql', outcome: 'ok' },
    ]);
  });

  it.each([
    ['POST', 'credentials', { provider: 'nobody', credentials: {} }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: { apiKey: 1 } }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: {}, more: 1 }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: {}, expiresAt: 'soon' }, 400],
    ['DELETE', 'credentials/none', undefined, 404],
    ['PUT', 'faults/trello', { mode: 'sulk' }, 400],
    ['PUT', 'faults/nobody', { mode: 'down' }, 404],
    ['GET', 'nothing', undefined, 404],
  ])('answers %s %s %j with %4$d', async (method, path, body, status) => {
    expect((await sandbox.call(method, path, body)).status).toBe(status);
  });

  it('has no service at an unknown host', async () => {
    expect((await fetch(`${sandbox.url}/api.example.com/me`)).status).toBe(404);
  });
});
