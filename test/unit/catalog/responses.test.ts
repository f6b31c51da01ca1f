import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import {
  classify,
  parseResponse,
  readAccount,
  retryAfterSeconds,
} from '../../../shared/catalog/responses.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';

const REFUSALS = ['credentials_expired', 'access_revoked', 'access_changed'];
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  parseResponse({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

function provider(id: string): Provider {
  const found = catalog.get(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** What proxies, firewalls and portals put between us and a service. */
const page = fc
  .constantFrom(
    '401 Unauthorized',
    '403 Forbidden',
    'Access denied',
    'Authentication required',
    'Attention Required!',
    '',
  )
  .map((title) => `<!doctype html><title>${title}</title><h1>${title}</h1><p>Your request was blocked.</p>`);

describe.each(catalog.list())('an answer of $id', (entry) => {
  it('that no rule knows is never a refusal, nor fine', () => {
    const status = fc.oneof(fc.constantFrom(200, 401, 403), fc.integer({ min: 200, max: 599 }));
    const body = fc.oneof(page, fc.string(), fc.constantFrom('null', '[]', '{}', '""', '0', 'true'));
    fc.assert(
      fc.property(status, body, (code, text) => {
        const classification = classify(entry, answer(code, text));
        expect(REFUSALS).not.toContain(classification);
        expect(classification).not.toBe('ok');
      }),
    );
  });

  it('of 5xx is an outage, of 429 a limit, of 3xx a redirect', () => {
    expect(classify(entry, answer(503, {}))).toBe('server_error');
    expect(classify(entry, answer(429, {}))).toBe('rate_limited');
    expect(classify(entry, answer(302, {}))).toBe('redirect');
  });
});

describe('an answer', () => {
  it.each([
    ['slack', 200, { ok: false, error: 'invalid_auth' }, 'access_revoked'],
    ['slack', 200, { ok: false, error: 'internal_error' }, 'unexpected_response'],
    ['slack', 200, { ok: false, error: 'team_added_to_org' }, 'unexpected_response'],
    ['stripe', 401, { error: { type: 'api_error', code: 'api_key_expired' } }, 'credentials_expired'],
    ['twilio', 200, { sid: 'AC0', status: 'suspended' }, 'access_changed'],
    ['twilio', 401, { code: 20005 }, 'access_changed'],
    ['trello', 401, 'expired token', 'credentials_expired'],
    ['zendesk', 200, { user: { id: null, name: 'Anonymous user' } }, 'unexpected_response'],
    [
      'openai',
      401,
      { error: { message: 'Missing scopes: api.model.read', type: 'invalid_request_error' } },
      'access_changed',
    ],
    ['linear', 400, { errors: [{ extensions: { code: 'AUTHENTICATION_ERROR' } }] }, 'access_revoked'],
    ['resend', 401, { name: 'restricted_api_key' }, 'access_changed'],
    ['resend', 403, { name: 'invalid_api_key' }, 'access_revoked'],
  ])('of %s with %d %j means %s', (id, status, body, classification) => {
    expect(classify(provider(id), answer(status, body))).toBe(classification);
  });

  it('of GitHub with 403 is a limit when nothing remains, and a refusal otherwise', () => {
    const body = { message: 'Resource not accessible by personal access token' };
    expect(classify(provider('github'), answer(403, body, { 'x-ratelimit-remaining': '0' }))).toBe(
      'rate_limited',
    );
    expect(classify(provider('github'), answer(403, body, { 'x-ratelimit-remaining': '4999' }))).toBe(
      'access_changed',
    );
  });
});

describe('the wait after an answer', () => {
  const now = new Date('2027-01-01T00:00:00Z');
  it.each([
    ['github', { 'x-ratelimit-reset': '1798761690' }, {}, 90],
    ['github', { 'x-ratelimit-reset': '1798761690', 'retry-after': '5' }, {}, 5],
    ['linear', { 'x-ratelimit-requests-reset': '1798761690000' }, {}, 90],
    ['telegram-bot', {}, { parameters: { retry_after: 35 } }, 35],
    ['github', { 'x-ratelimit-reset': 'soon' }, {}, 60],
    ['trello', {}, {}, 60],
  ])('of %s with %j and %j is %d s', (id, headers, body, seconds) => {
    expect(retryAfterSeconds(provider(id), answer(429, body, headers), now)).toBe(seconds);
  });
});

describe('an account', () => {
  it('is the first label that is told in full', () => {
    const slack = provider('slack');
    const who = { team_id: 'T1', user_id: 'U1', user: 'grace' };
    expect(readAccount(slack, answer(200, { ...who, team: 'Navy' }), {})?.label).toBe('grace (Navy)');
    expect(readAccount(slack, answer(200, who), {})?.label).toBe('grace');
  });

  it('is none without an id', () => {
    expect(readAccount(provider('slack'), answer(200, { team_id: 'T1', user: 'grace' }), {})).toBeNull();
  });

  it('keeps no control characters and no endless text', () => {
    const told = readAccount(
      provider('github'),
      answer(200, { id: 1, login: `a\u0000\u202eb${'c'.repeat(999)}` }),
      {},
    );
    expect(told?.label).toMatch(/^abc{198}$/);
  });

  it('is cut between characters, so that it is the same after it was kept', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 150, maxLength: 450 }), (login) => {
        const told = readAccount(
          provider('github'),
          answer(200, { id: `1${login}`, login: `a${login}` }),
          {},
        );
        expect([told?.id.isWellFormed(), told?.label.isWellFormed()]).toEqual([true, true]);
      }),
    );
    const faces = readAccount(
      provider('github'),
      answer(200, { id: 1, login: `a${'\u{1f600}'.repeat(300)}` }),
      {},
    );
    expect(faces?.label).toBe(`a${'\u{1f600}'.repeat(199)}`);
  });
});
