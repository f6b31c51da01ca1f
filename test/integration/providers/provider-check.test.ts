import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { BUILT_IN_PROVIDERS } from '../../../shared/catalog/compile.ts';
import { readSource } from '../../../tools/provider-check/read-source.ts';
import { describeRules } from '../../../tools/provider-check/rules.ts';
import { tryProvider } from '../../../tools/provider-check/try.ts';
import { openSandbox } from './sandbox.ts';

let sandbox: Awaited<ReturnType<typeof openSandbox>>;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox.close());

function entryOf(id: string) {
  const source = readSource(id, BUILT_IN_PROVIDERS);
  if (source.issues !== undefined) throw new Error(source.issues.join('\n'));
  return source.entry;
}

async function run(id: string, environment: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const isOk = await tryProvider(entryOf(id), environment, (line) => lines.push(line), {
    endpointUrl: sandbox.url,
  });
  return { isOk, text: lines.join('\n') };
}

describe('the check of one provider', () => {
  it('names the examples that each rule decides', () => {
    expect(describeRules(entryOf('stripe'))).toEqual([
      '  rule 0: 200, body.object = "account" -> ok; decides examples 0',
      '  rule 1: 401, body.error.code = "api_key_expired" -> credentials_expired; decides examples 2',
      '  rule 2: 401, body.error.type -> access_revoked; decides examples 1',
      '  rule 3: 403, body.error.type -> access_changed; decides examples 3',
      '  rule 4: 429 -> rate_limited; decides examples 4',
    ]);
  });

  it('names files that do not exist', () => {
    const { issues = [] } = readSource('nosuch', BUILT_IN_PROVIDERS);
    expect(issues.join()).toMatch(/nosuch\.json does not exist.*nosuch\.svg does not exist/);
  });

  it('says what to set without credentials', async () => {
    expect(await run('trello', { TRELLO_API_KEY: 'key' })).toEqual({
      isOk: true,
      text: 'To try it against the service, set TRELLO_TOKEN in the environment.',
    });
    expect((await run('salesforce', {})).text).toContain('SALESFORCE_ACCESS_TOKEN, SALESFORCE_INSTANCE_URL');
  });

  it('prints what each rule makes of the response, and the account', async () => {
    const { apiKey = '' } = sampleCredentials('stripe', 'mine');
    await sandbox.issue('stripe', { apiKey }, { account: { id: 'acct_7', label: apiKey } });
    const { isOk, text } = await run('stripe', { STRIPE_API_KEY: apiKey });
    expect(isOk).toBe(true);
    expect(text.split('\n')).toEqual([
      'GET https://api.stripe.com/v1/account',
      '  status: 200',
      '  rule 0: 200, body.object = "account" -> ok; matches and decides',
      '  rule 1: 401, body.error.code = "api_key_expired" -> credentials_expired; no: the status differs',
      '  rule 2: 401, body.error.type -> access_revoked; no: the status differs',
      '  rule 3: 403, body.error.type -> access_changed; no: the status differs',
      '  rule 4: 429 -> rate_limited; no: the status differs',
      '  outcome: ok',
      '  account: acct_7, shown as ***',
    ]);
  });

  it('fails for credentials that the service refuses, without printing them', async () => {
    const { apiKey = '' } = sampleCredentials('stripe', 'stranger');
    const { isOk, text } = await run('stripe', { STRIPE_API_KEY: apiKey });
    expect(isOk).toBe(false);
    expect(text).toContain(
      'rule 1: 401, body.error.code = "api_key_expired" -> credentials_expired; no: the body differs',
    );
    expect(text).toContain('outcome: access_revoked');
    expect(text).not.toContain(apiKey);
  });

  it('obtains a token first where the credentials are those of a client', async () => {
    const { clientId = '', clientSecret = '' } = sampleCredentials('paypal', 'mine');
    const environment = { PAYPAL_CLIENT_ID: clientId, PAYPAL_CLIENT_SECRET: clientSecret };
    expect(await run('paypal', environment)).toEqual({ isOk: false, text: 'The token endpoint: rejected.' });
    await sandbox.issue('paypal', { clientId, clientSecret });
    expect(await run('paypal', environment)).toMatchObject({ isOk: true });
  });

  it('reads the expiry by its own request, and says when there is no response', async () => {
    const { apiKey = '', token = '' } = sampleCredentials('trello', 'mine');
    await sandbox.issue('trello', { apiKey, token }, { expiresAt: '2099-01-02T03:04:05.000Z' });
    const environment = { TRELLO_API_KEY: apiKey, TRELLO_TOKEN: token };
    const { text } = await run('trello', environment);
    expect(text).toContain('GET https://api.trello.com/1/tokens/{token}');
    expect(text).toContain('expiry: 2099-01-02T03:04:05.000Z');
    const lines: string[] = [];
    const endpointUrl = 'http://127.0.0.1:1';
    expect(
      await tryProvider(entryOf('trello'), environment, (line) => lines.push(line), { endpointUrl }),
    ).toBe(false);
    expect(lines.at(-1)).toBe('There is no response: network.');
  });
});
