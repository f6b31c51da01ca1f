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

async function getFrom(path: string, headers: Record<string, string>) {
  const response = await fetch(`${sandbox.url}/${path}`, { headers });
  return { status: response.status, body: await response.text() };
}

describe('the account of credentials', () => {
  it.each(['trello', 'github', 'stripe', 'notion', 'airtable', 'calcom', 'mailchimp', 'shopify'])(
    'is the given one, at %s',
    async (id) => {
      const account = { id: 'account-7', label: 'bookings@example.com' };
      await sandbox.issue(id, sampleCredentials(id, 'mine'), { account });
      expect(await verify(id, 'mine')).toMatchObject({ outcome: 'ok', account });
    },
  );

  it.each([
    ['slack', { id: 'T7:U7', label: 'grace (Navy)' }, {}],
    ['slack', { id: 'T7:U7', label: 'grace' }, {}],
    ['slack', { id: 'account-7', label: 'grace' }, { id: 'T12345678:account-7' }],
    ['pipedrive', { id: '31:7', label: 'Jo (Deals)' }, {}],
    ['telegram-bot', { id: '77', label: '@seven_bot' }, {}],
    ['telegram-bot', { id: '77', label: 'Seven' }, {}],
    ['zendesk', { id: 'sample-desk/7', label: 'jo@example.com (sample-desk)' }, {}],
    ['zendesk', { id: '7', label: 'jo' }, { id: 'sample-desk/7', label: 'jo (sample-desk)' }],
    ['jira', { id: 'other/7', label: 'jo' }, { id: 'sample-site/other/7', label: 'jo (sample-site)' }],
    ['hubspot', { id: 'team-7', label: 'sales' }, { label: 'team-7' }],
    ['openai', { id: 'org-7', label: 'org-7' }, {}],
  ])('is taken apart as %s returns it: %j', async (id, account, differs) => {
    await sandbox.issue(id, sampleCredentials(id, 'parts'), { account });
    expect(await verify(id, 'parts')).toMatchObject({ account: { ...account, ...differs } });
  });

  it('keeps numbers numbers', async () => {
    const { token = '' } = sampleCredentials('github', 'numbers');
    await sandbox.issue('github', { token }, { account: { id: '77', label: 'seven' } });
    const { body } = await getFrom('api.github.com/user', { authorization: `Bearer ${token}` });
    expect(JSON.parse(body)).toMatchObject({ id: 77, login: 'seven' });
  });

  it("is the request's own where the service returns that", async () => {
    const { accountSid } = sampleCredentials('twilio', 'own');
    await sandbox.issue('twilio', sampleCredentials('twilio', 'own'));
    expect(await verify('twilio', 'own')).toMatchObject({ account: { id: accountSid } });
  });

  it('is as much as the scopes allow', async () => {
    const account = { id: 'usr7', label: 'jo@example.com' };
    await sandbox.issue('airtable', sampleCredentials('airtable', 'narrow'), {
      account,
      scopes: ['data.records:read'],
    });
    expect(await verify('airtable', 'narrow')).toMatchObject({ account: { id: 'usr7', label: 'usr7' } });
    const scopes = ['user.email:read'];
    await sandbox.issue('airtable', sampleCredentials('airtable', 'narrow'), { account, scopes });
    expect(await verify('airtable', 'narrow')).toMatchObject({ account });
  });
});

describe('the sandbox', () => {
  it.each([
    ['github', '2099-03-04T05:06:07.000Z'],
    ['trello', '2099-03-04T05:06:07.000Z'],
    ['gitlab', '2099-03-04T00:00:00.000Z'],
    ['notion', null],
  ])('returns an expiry as %s does', async (id, expiresAt) => {
    await sandbox.issue(id, sampleCredentials(id, 'expiring'), { expiresAt: '2099-03-04T06:06:07+01:00' });
    expect(await verify(id, 'expiring')).toMatchObject({ outcome: 'ok', expiresAt });
  });

  it('keeps issued and revoked credentials when its process is killed', async () => {
    await sandbox.issue('slack', sampleCredentials('slack', 'kept'));
    await sandbox.revoke(await sandbox.issue('slack', sampleCredentials('slack', 'lost')));
    const next = await startSandbox({ dataFile: sandbox.dataFile });
    expect(await verify('slack', 'kept', next.url)).toMatchObject({ outcome: 'ok' });
    expect(await verify('slack', 'lost', next.url)).toMatchObject({ outcome: 'rejected' });
    await next.close();
  });

  it('accepts revoked credentials that are issued again', async () => {
    await sandbox.revoke(await sandbox.issue('asana', sampleCredentials('asana', 'back')));
    await sandbox.issue('asana', sampleCredentials('asana', 'back'));
    expect(await verify('asana', 'back')).toMatchObject({ outcome: 'ok' });
  });

  it('responds correctly, if late, when slow', async () => {
    await sandbox.issue('linear', sampleCredentials('linear', 'late'));
    await sandbox.fault('linear', 'slow');
    expect(await verify('linear', 'late')).toMatchObject({ outcome: 'ok' });
    expect(await sandbox.requests('linear')).toMatchObject([
      { host: 'api.linear.app', path: '/graphql', outcome: 'ok' },
    ]);
  });

  it('logs the template of a path, which may hold a token', async () => {
    await sandbox.issue('trello', sampleCredentials('trello', 'logged'));
    await verify('trello', 'logged');
    const paths = (await sandbox.requests('trello')).slice(-2).map(({ path }) => path);
    expect(paths).toEqual(['/1/members/me', '/1/tokens/{token}']);
  });

  it('puts the account in the response to the probe alone', async () => {
    const { apiKey, token } = sampleCredentials('trello', 'alone');
    await sandbox.issue('trello', sampleCredentials('trello', 'alone'), {
      account: { id: '7', label: 'jo' },
    });
    const authorization = `OAuth oauth_consumer_key="${apiKey}", oauth_token="${token}"`;
    const { body } = await getFrom(`api.trello.com/1/tokens/${token}`, { authorization });
    expect(JSON.parse(body)).toEqual({ id: '5abbe4b7ddc1b351ef961415', dateExpires: null });
  });

  it('takes an empty field for one that was left out', async () => {
    await sandbox.issue('asana', { ...sampleCredentials('asana', 'empty'), team: '' });
    expect(await verify('asana', 'empty')).toMatchObject({ outcome: 'ok' });
  });

  it.each([
    ['POST', 'credentials', { provider: 'nobody', credentials: {} }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: { apiKey: 1 } }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: {}, more: 1 }, 400],
    ['POST', 'credentials', { provider: 'trello', credentials: {}, expiresAt: 'soon' }, 400],
    ['POST', 'credential-lists', [{ provider: 'nobody', credentials: {} }], 400],
    ['DELETE', 'credentials/none', undefined, 404],
    ['PUT', 'faults/trello', { mode: 'sulk' }, 400],
    ['PUT', 'faults/nobody', { mode: 'down' }, 404],
    ['GET', 'nothing', undefined, 404],
  ])('responds to %s %s %j with %4$d', async (method, path, body, status) => {
    expect((await sandbox.call(method, path, body)).status).toBe(status);
  });

  it('has no provider at an unknown host', async () => {
    expect((await fetch(`${sandbox.url}/api.example.com/me`)).status).toBe(404);
  });
});

describe('a request', () => {
  it('without credentials is refused as the service does', async () => {
    const { status, body } = await getFrom('slack.com/api/auth.test', {});
    expect([status, JSON.parse(body)]).toEqual([200, { ok: false, error: 'not_authed' }]);
  });

  it('with one key in the header and another in the path is refused', async () => {
    const { apiKey, token } = sampleCredentials('trello', 'twice');
    await sandbox.issue('trello', sampleCredentials('trello', 'twice'));
    const authorization = `OAuth oauth_consumer_key="${apiKey}", oauth_token="${token}"`;
    expect(await getFrom(`api.trello.com/1/tokens/${token}`, { authorization })).toMatchObject({
      status: 200,
    });
    const other = await getFrom('api.trello.com/1/tokens/other', { authorization });
    expect(other).toEqual({ status: 401, body: 'invalid key' });
    expect(await getFrom('api.trello.com/1/tokens/%E0%A4', { authorization })).toMatchObject({ status: 404 });
  });

  it('at the data center of another key is refused', async () => {
    const { apiKey = '' } = sampleCredentials('mailchimp', 'data-center');
    await sandbox.issue('mailchimp', { apiKey });
    const authorization = `Basic ${Buffer.from(`key:${apiKey}`).toString('base64')}`;
    expect(await getFrom('us21.api.mailchimp.com/3.0/', { authorization })).toMatchObject({ status: 200 });
    expect(await getFrom('us22.api.mailchimp.com/3.0/', { authorization })).toMatchObject({ status: 401 });
  });

  it('without a header that the service requires is refused', async () => {
    const { token = '' } = sampleCredentials('notion', 'version');
    await sandbox.issue('notion', { token });
    const headers = { authorization: `Bearer ${token}` };
    const refused = await getFrom('api.notion.com/v1/users/me', headers);
    expect(refused).toMatchObject({ status: 400, body: expect.stringContaining('missing_version') });
    const versioned = { ...headers, 'notion-version': '2022-06-28' };
    expect(await getFrom('api.notion.com/v1/users/me', versioned)).toMatchObject({ status: 200 });
  });

  it('that the entry does not document is not found', async () => {
    const { token = '' } = sampleCredentials('notion', 'version');
    const headers = { authorization: `Bearer ${token}` };
    expect(await getFrom('api.notion.com/v1/pages', headers)).toMatchObject({ status: 404 });
  });
});
