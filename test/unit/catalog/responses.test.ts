import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import {
  classify,
  parseResponse,
  readAccount,
  retryAfterSeconds,
} from '../../../shared/catalog/responses.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';

const REFUSALS = ['credentials_expired', 'access_revoked', 'access_changed'];
const response = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  parseResponse({ status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

function provider(id: string): Provider {
  const found = catalog.get(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** Pages that proxies, firewalls and portals send in place of a service. */
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

const entries = builtInProviders().map(({ entry }) => entry);

describe.each(entries)('a response of $id', (entry) => {
  // Of a service that a user names, the status is all that is known.
  it.skipIf(entry.responseRules.some(({ statusFrom }) => statusFrom))(
    'that no rule matches is never a refusal, nor ok',
    () => {
      const status = fc.oneof(fc.constantFrom(200, 401, 403), fc.integer({ min: 200, max: 599 }));
      const body = fc.oneof(page, fc.string(), fc.constantFrom('null', '[]', '{}', '""', '0', 'true'));
      fc.assert(
        fc.property(status, body, (code, text) => {
          const classification = classify(entry, response(code, text));
          expect(REFUSALS).not.toContain(classification);
          expect(classification).not.toBe('ok');
        }),
      );
    },
  );

  it('with 5xx is an outage, with 429 a limit, with 3xx a redirect', () => {
    expect(classify(entry, response(503, {}))).toBe('server_error');
    expect(classify(entry, response(429, {}))).toBe('rate_limited');
    expect(classify(entry, response(302, {}))).toBe('redirect');
  });
});

describe('a response', () => {
  it.each([
    ['slack', 200, { ok: false, error: 'internal_error' }],
    ['slack', 200, { ok: false, error: 'team_added_to_org' }],
    ['zendesk', 200, { user: { id: null, name: 'Anonymous user' } }],
  ])('of %s with %d %j says nothing of the credentials', (id, status, body) => {
    expect(classify(provider(id), response(status, body))).toBe('unexpected_response');
  });
});

describe('the wait after a response', () => {
  const now = new Date('2027-01-01T00:00:00Z');
  it.each([
    ['github', { 'x-ratelimit-reset': '1798761690' }, {}, 90],
    ['github', { 'x-ratelimit-reset': '1798761690', 'retry-after': '5' }, {}, 5],
    ['linear', { 'x-ratelimit-requests-reset': '1798761690000' }, {}, 90],
    ['telegram-bot', {}, { parameters: { retry_after: 35 } }, 35],
    ['github', { 'x-ratelimit-reset': 'soon' }, {}, 60],
    ['trello', {}, {}, 60],
  ])('of %s with %j and %j is %d s', (id, headers, body, seconds) => {
    expect(retryAfterSeconds(provider(id), response(429, body, headers), now)).toBe(seconds);
  });
});

describe('an account', () => {
  const github = provider('github');
  const slack = provider('slack');

  it('has the first label that is complete', () => {
    const user = { team_id: 'T1', user_id: 'U1', user: 'grace' };
    expect(readAccount(slack, response(200, { ...user, team: 'Navy' }), {})?.label).toBe('grace (Navy)');
    expect(readAccount(slack, response(200, user), {})?.label).toBe('grace');
  });

  it('is null without an id', () => {
    expect(readAccount(slack, response(200, { team_id: 'T1', user: 'grace' }), {})).toBeNull();
  });

  it('keeps no control characters and at most 200 characters', () => {
    const login = `a\u0000\u202eb${'c'.repeat(999)}`;
    expect(readAccount(github, response(200, { id: 1, login }), {})?.label).toMatch(/^abc{198}$/);
  });

  it('is cut between code points, so that it is the same after it was stored', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 150, maxLength: 450 }), (login) => {
        const account = readAccount(github, response(200, { id: `1${login}`, login: `a${login}` }), {});
        expect([account?.id.isWellFormed(), account?.label.isWellFormed()]).toEqual([true, true]);
      }),
    );
    const faces = response(200, { id: 1, login: `a${'\u{1f600}'.repeat(300)}` });
    expect(readAccount(github, faces, {})?.label).toBe(`a${'\u{1f600}'.repeat(199)}`);
  });
});
