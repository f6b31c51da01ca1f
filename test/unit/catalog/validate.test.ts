import { describe, expect, it } from 'vitest';
import type { Example } from '../../../shared/catalog/example-schema.ts';
import { iconIssues, validateEntry } from '../../../shared/catalog/validate.ts';
import { ICON, providerEntry } from '../../harness/provider-entry.ts';

const valid = providerEntry();
const [field] = valid.auth.fields;
if (field === undefined) throw new Error('the entry has no field');
const site = { ...field, name: 'site', secret: false };

function issues(properties: object): string[] {
  return (validateEntry({ ...valid, ...properties }).issues ?? []).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

/** The examples with those of a situation replaced. */
function examples(situation: Example['situations'][number], ...replaced: Example[]): Example[] {
  return [...valid.examples.filter(({ situations }) => !situations.includes(situation)), ...replaced];
}

describe('an entry', () => {
  it('is valid when everything in it leads somewhere', () => {
    expect(issues({})).toEqual([]);
  });

  it.each([
    'http://api.example.com',
    'https://{token}',
    'https://{token}/x',
    'https://{token}.com',
    'https://api.{token}.com',
    'https://api{token}.example.com',
    'https://api.example.com:8443',
    'https://user@example.com',
    'https://api.example.com/path',
    'https://127.0.0.1',
  ])('may not have the address %s', (baseUrl) => {
    expect(issues({ baseUrl }).join()).toMatch(/^baseUrl: /);
  });

  it.each([
    [
      { send: { headers: { authorization: 'Bearer {tokn}' } } },
      'send.headers.authorization: {tokn} is neither a field nor derived',
    ],
    [{ send: {} }, 'auth.fields: the field token is never sent'],
    [{ auth: { type: 'api_key', fields: [field, field] } }, 'auth.fields: two fields named token'],
    [
      { auth: { type: 'api_key', fields: [{ ...field, pattern: undefined }] } },
      'auth.fields.0: the field token must have a pattern',
    ],
    [
      { auth: { type: 'api_key', fields: [{ ...field, pattern: '[a-z]+' }] } },
      'auth.fields.0.pattern: must be anchored by ^ and $',
    ],
    [
      { auth: { type: 'api_key', fields: [{ ...field, pattern: '^[$' }] } },
      'auth.fields.0.pattern: not a valid pattern',
    ],
    [
      { auth: { type: 'api_key', fields: [{ ...field, pattern: '^\\d+$' }] } },
      'auth.fields.0.sample: "sample-token-one" does not match',
    ],
    [{ auth: { type: 'api_key', fields: [] }, send: {} }, 'auth.fields: must have a field'],
    [
      { account: { id: '{field.token}', labels: ['{body.email}'] } },
      'account: {field.token} is no body.<path>, no header.<name> and no open field',
    ],
    [{ account: { id: 'always', labels: ['{body.email}'] } }, 'account: "always" reads nothing'],
    [{ derived: { dc: { from: 'key', pattern: '-(.*)$' } } }, 'derived.dc: no field named key'],
    [
      { responseRules: valid.responseRules.filter(({ outcome }) => outcome !== 'access_revoked') },
      'responseRules: no rule has the outcome access_revoked',
    ],
    [
      { auth: { type: 'oauth2', fields: [field] } },
      'oauth2: belongs to entries with auth.type oauth2, oauth2_client_credentials, service_account',
    ],
    [{ probe: { method: 'GET', path: '/me?key=1' } }, 'probe.path: must begin with / and hold no query'],
    [{ cadence: 'often' }, 'cadence: must be one of hour, six_hours, day'],
    [{ name: 7 }, 'name: must be of type string'],
    [{ unknown: true }, '(entry): has no unknown'],
  ])('is refused in words: %j', (properties, issue) => {
    expect(issues(properties).join('\n')).toContain(issue);
  });

  it.each([
    [{ baseUrl: 'https://{more}.example.com' }],
    [{ probe: { method: 'GET', path: '/{more}' } }],
    [{ expiry: { read: 'body.expires_at', request: { method: 'GET', path: '/{more}' } } }],
    [{ send: { basic: { username: '{token}', password: '{more}' } } }],
    [{ derived: { dc: { from: 'more', pattern: '-(.*)$' } } }],
  ])('has no optional field that a request needs: %j', (properties) => {
    const fields = [field, { ...site, name: 'more', required: false }];
    const refused = issues({ auth: { type: 'custom', fields }, ...properties }).join();
    expect(refused).toContain('the field more must be required');
  });

  it('can have an optional field in a header', () => {
    const fields = [field, { ...field, name: 'team', required: false }];
    const send = { headers: { authorization: 'Bearer {token}', 'x-team': '{team}' } };
    expect(issues({ auth: { type: 'custom', fields }, send })).toEqual([]);
  });

  it('can name its site by an open field with a pattern', () => {
    const auth = { type: 'basic', fields: [field, site] };
    expect(issues({ auth, baseUrl: 'https://{site}.example.com' })).toEqual([]);
  });

  it('shows a response to the probe of an older version, where it has that', () => {
    const ok = valid.examples.find(({ situations }) => situations.includes('ok'));
    if (ok === undefined) throw new Error('the entry has no example of ok');
    const older: Example = { ...ok, request: 'olderProbe' };
    expect(issues({ olderProbe: { method: 'GET' } })).toEqual(['examples: none is a response to olderProbe']);
    expect(issues({ olderProbe: { method: 'GET' }, examples: [...valid.examples, older] })).toEqual([]);
    expect(issues({ examples: [...valid.examples, older] })).toEqual([
      `examples.${valid.examples.length}: the entry has no olderProbe`,
    ]);
  });

  it('can use OAuth2', () => {
    const page = 'https://example.com/docs';
    const oauth2 = {
      client: 'example',
      authorizeUrl: 'https://example.com/authorize',
      tokenUrl: 'https://example.com/token',
      scopes: { required: ['read'] },
      pkce: true,
      token: { clientAuthentication: 'basic' },
      refresh: { rotation: 'each' },
      sources: { authorize: page, token: page, scopes: page, refresh: page },
    };
    const send = { headers: { authorization: 'Bearer {accessToken}' } };
    expect(issues({ auth: { type: 'oauth2', fields: [] }, oauth2, send })).toEqual([]);
  });
});

describe('the examples of an entry', () => {
  const account = { id: 1234567, email: 'jo@example.com', expires_at: '{expiry.timestamp}' };

  it.each(['ok', 'missing', 'unknown', 'revoked', 'expired', 'forbidden', 'rate_limited'] as const)(
    'lack none of %s',
    (situation) => {
      expect(issues({ examples: examples(situation) })).toContain(`examples: none is of ${situation}`);
    },
  );

  it.each<[string, Example, string]>([
    [
      'a revoked one that the rules take for a missing permission',
      { situations: ['revoked'], status: 403, body: { error: 'invalid' } },
      'is classified as access_changed; revoked must be access_revoked',
    ],
    [
      'an expired one that the rules take for a revoked one',
      { situations: ['expired'], status: 401, body: { error: 'over' } },
      'is classified as access_revoked; expired must be credentials_expired',
    ],
    [
      'a forbidden one that no rule matches',
      { situations: ['forbidden'], status: 402, body: { error: 'plan' } },
      'is classified as unexpected_response; forbidden must be access_changed',
    ],
    [
      'one with working credentials that no rule matches',
      { situations: ['ok'], status: 200, body: { user: account } },
      'is classified as unexpected_response; ok must be ok',
    ],
    [
      'one without the account',
      { situations: ['ok'], status: 200, body: { ...account, id: true } },
      'the account cannot be read from it',
    ],
    [
      'one without the expiry',
      { situations: ['ok'], status: 200, body: { ...account, expires_at: null } },
      'the expiry 2031-02-03T04:05:06.000Z is read from it as null',
    ],
    [
      'one whose expiry is constant',
      { situations: ['ok'], status: 200, body: { ...account, expires_at: '2031-02-03' } },
      'an expiry is read where there is none',
    ],
    [
      'one whose wait is in another unit',
      { situations: ['rate_limited'], status: 429, headers: { 'x-reset': '{retry.epochMilliseconds}' } },
      'the wait of 30 s is read from it as 3600 s',
    ],
    [
      'one that lacks a header and is taken for a refusal',
      { situations: ['header_missing'], header: 'accept', status: 401, body: { error: 'accept' } },
      'is classified as access_revoked; header_missing must be unexpected_response',
    ],
    [
      'an unknown placeholder',
      { situations: ['forbidden'], status: 403, body: { error: '{now}' } },
      '{now} is no placeholder of examples',
    ],
    [
      'a secret',
      { situations: ['forbidden'], status: 403, body: { error: '{field.token}' } },
      '{field.token} is no placeholder of examples',
    ],
    [
      'two situations of which one is ok',
      { situations: ['ok', 'missing'], status: 200, body: account },
      'ok and header_missing stand alone',
    ],
    [
      'scopes of a refusal',
      { situations: ['forbidden'], scopes: ['read'], status: 403, body: { error: 'plan' } },
      'scopes are of ok only',
    ],
    [
      'a header of a refusal',
      { situations: ['forbidden'], header: 'accept', status: 403, body: { error: 'plan' } },
      'header is of header_missing, which needs it',
    ],
    [
      'a missing header without a name',
      { situations: ['header_missing'], status: 400, body: {} },
      'header is of header_missing, which needs it',
    ],
    [
      'two bodies',
      { situations: ['forbidden'], status: 403, body: { error: 'plan' }, text: 'plan' },
      'has either a body or a text',
    ],
    [
      'a response to a request that there is not',
      { situations: ['ok'], request: 'expiry', status: 200, body: account },
      'the entry has no expiry request',
    ],
  ])('are refused for %s', (_what, example, issue) => {
    const [situation = 'ok'] = example.situations;
    const refused = issues({ examples: examples(situation, example) });
    expect(refused.join('\n')).toMatch(/^examples\.\d+: /m);
    expect(refused.join('\n')).toContain(issue);
  });

  it('include the response to the expiry request, which has status 200', () => {
    const request = { method: 'GET', path: '/expiry' };
    const expiry = { read: 'body.expires_at', request };
    const ok: Example = { situations: ['ok'], status: 200, body: { id: 1234567, email: 'jo@example.com' } };
    const end: Example = {
      situations: ['ok'],
      request: 'expiry',
      status: 200,
      body: { expires_at: '{expiry.date}' },
    };
    expect(issues({ expiry, examples: examples('ok', ok, end) })).toEqual([]);
    expect(issues({ expiry, examples: examples('ok', ok) })).toEqual([
      'examples: none is of ok to the expiry request',
    ]);
    expect(issues({ expiry, examples: examples('ok', ok, { ...end, status: 201 }) })).toEqual([
      'examples.5: must have status 200',
    ]);
  });

  it('may leave open whether revoked or expired, where the provider does', () => {
    const alike: Example = { situations: ['revoked', 'expired'], status: 401, body: { error: 'invalid' } };
    const responseRules = valid.responseRules.filter(({ outcome }) => outcome !== 'credentials_expired');
    expect(issues({ responseRules, examples: [...examples('expired', alike)] })).toEqual([]);
  });

  it('may leave out a lost permission that the provider does not document, without a rule for it', () => {
    const undocumented = ['forbidden'];
    const responseRules = valid.responseRules.filter(({ outcome }) => outcome !== 'access_changed');
    expect(issues({ undocumented, responseRules, examples: examples('forbidden') })).toEqual([]);
    expect(issues({ undocumented, examples: examples('forbidden') })).toEqual([
      'examples: none has the outcome access_changed, which a rule has',
    ]);
    expect(issues({ undocumented })).toEqual([
      'examples: one is of forbidden, which the entry calls undocumented',
    ]);
    expect(issues({ undocumented: [] }).join()).toMatch(/^undocumented: /);
    expect(issues({ undocumented: ['revoked'], examples: examples('revoked') }).join()).toMatch(
      /^undocumented\.0: must be one of forbidden/,
    );
  });

  it('show every outcome of the rules, and the wait that is read', () => {
    const alike: Example = { situations: ['revoked', 'expired'], status: 401, body: { error: 'invalid' } };
    expect(issues({ examples: examples('expired', alike) })).toEqual([
      'examples: none has the outcome credentials_expired, which a rule has',
    ]);
    const limited: Example = { situations: ['rate_limited'], status: 429 };
    expect(issues({ examples: examples('rate_limited', limited) })).toEqual([
      'examples: none shows the wait that retryAfter reads',
    ]);
  });
});

describe('an icon', () => {
  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"></svg>', 'must be an svg element with width and height'],
    [ICON.replace('></svg>', '><script/></svg>'), 'must hold no script'],
    [ICON.replace('></svg>', ' onload="x()"></svg>'), 'must hold no script'],
    [ICON.replace('></svg>', '><image href="https://example.com/a.png"/></svg>'), 'must hold no script'],
    [ICON.replace('></svg>', `>${' '.repeat(13_000)}</svg>`), 'must be at most 12288 bytes'],
  ])('is refused in words: %.60s', (svg, issue) => {
    expect(iconIssues(ICON)).toEqual([]);
    expect(iconIssues(svg).join()).toContain(issue);
  });
});
