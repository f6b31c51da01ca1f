import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleValues } from '../../../local/sandbox/samples.ts';
import { ProviderError } from '../../../shared/adapters/providers/client.ts';
import { buildRequest } from '../../../shared/adapters/providers/request.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import { requireFields } from '../../../shared/domain/credentials/accept.ts';

/** Entries whose user names the whole address have tests of their own. */
const entries = builtInProviders()
  .map(({ entry }) => entry)
  .filter(({ open }) => !open);

/** Text that tends to break out of a URL, a header or a template, and any other. */
const hostile = fc.oneof(
  fc.constantFrom(
    'evil.com',
    'evil.com/',
    'evil.com#',
    'evil.com?',
    'a@evil.com',
    'x:y@',
    '127.0.0.1',
    '[::1]',
    '..',
    '.',
  ),
  fc.constantFrom(
    'a.b',
    '-a',
    'a-',
    'ａｂｃ',
    'a\r\nhost: evil.com',
    '{token}',
    '%2e%2e%2f',
    'a/../..',
    '\\evil.com',
    '',
  ),
  fc.string(),
  fc.string({ unit: 'binary' }),
);

/** Builds a probe; undefined where the values are refused. */
function tryBuild(provider: Provider, fields: Record<string, string>) {
  try {
    return buildRequest(provider, fields, provider.probe);
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

/** Text between spaces, so that a value such as `us` is not found within another word. */
const words = (text: string) => ` ${text.replaceAll(/[^A-Za-z0-9]+/g, ' ')} `;

describe.each(entries)('a request to $id', (provider) => {
  const sample = sampleValues(provider.id);
  const suffix = provider.baseUrl.replace(/^https:\/\/(\{\w+\})?/, '');

  it('goes to its own domain whatever the fields hold', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(sample)), hostile, (name, value) => {
        const request = tryBuild(provider, { ...sample, [name]: value });
        if (request === undefined) return;
        expect(request.url.protocol).toBe('https:');
        expect(request.url.host.endsWith(suffix)).toBe(true);
        expect(request.url.host.slice(0, -suffix.length)).not.toMatch(/[^a-z0-9-]/);
        expect(request.url.username + request.url.password + request.url.port + request.url.hash).toBe('');
        expect(request.url.pathname.split('/')).toHaveLength(provider.probe.path.split('/').length);
        expect(Object.values(request.headers).join('')).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('carries the credentials where the service wants them, and a user agent', () => {
    const request = buildRequest(provider, sample, provider.probe);
    expect(request.headers['user-agent']).toBeTruthy();
    const decoded = Buffer.from(request.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
    const carried = `${request.url} ${Object.values(request.headers).join(' ')} ${decoded}`;
    for (const value of Object.values(sample)) expect(carried).toContain(value);
  });

  it('is not built without a field, and its error holds no other field', () => {
    for (const name of Object.keys(sample)) {
      const { [name]: _, ...others } = sample;
      expect(() => buildRequest(provider, others, provider.probe)).toThrow(ProviderError);
      try {
        buildRequest(provider, others, provider.probe);
      } catch (error) {
        for (const value of Object.values(others)) expect(words(inspect(error))).not.toContain(words(value));
      }
    }
  });
});

describe('an optional field', () => {
  const slack = entries.find(({ id }) => id === 'slack');
  const [field] = slack?.auth.fields ?? [];
  if (!slack || !field) throw new Error('The catalog has no Slack.');
  const optional = { ...field, name: 'team', required: false, pattern: '^[a-z]+$' };
  const provider: Provider = {
    ...slack,
    auth: { type: 'custom', fields: [field, optional] },
    send: { headers: { ...slack.send.headers, 'x-team': 'team {team}' }, query: { team: '{team}' } },
  };
  const sample = sampleValues(slack.id);

  it.each([{}, { team: '' }])('is accepted and sent alike where it is left empty: %j', (left) => {
    const fields = { ...sample, ...left };
    requireFields(provider, fields, 'credentials');
    const { url, headers } = buildRequest(provider, fields, provider.probe);
    expect(headers).not.toHaveProperty('x-team');
    expect(url.searchParams.has('team')).toBe(false);
  });

  it('is sent where it is given', () => {
    const fields = { ...sample, team: 'blue' };
    requireFields(provider, fields, 'credentials');
    const { url, headers } = buildRequest(provider, fields, provider.probe);
    expect([headers['x-team'], url.searchParams.get('team')]).toEqual(['team blue', 'blue']);
    expect(tryBuild(provider, { ...sample, team: 'BLUE' })).toBeUndefined();
  });
});

describe('a field that names a site', () => {
  it('stays left of the domain, even where its pattern matches everything', () => {
    for (const provider of entries.filter(({ baseUrl }) => baseUrl.includes('{'))) {
      const fields = provider.auth.fields.map((field) => ({ ...field, pattern: '^[^]*$' }));
      const derived = Object.fromEntries(
        Object.entries(provider.derived ?? {}).map(([name, { from }]) => [name, { from, pattern: '([^]*)' }]),
      );
      const loose = { ...provider, auth: { ...provider.auth, fields }, derived };
      const sample = sampleValues(provider.id);
      const suffix = provider.baseUrl.replace(/^https:\/\/\{\w+\}/, '');
      fc.assert(
        fc.property(fc.constantFrom(...Object.keys(sample)), hostile, (name, value) => {
          const host = tryBuild(loose, { ...sample, [name]: value })?.url.host;
          if (host === undefined) return;
          expect(host.endsWith(suffix)).toBe(true);
          // A part that an entry's own pattern cuts out may be several labels; an entered one is a single label.
          const isEntered = provider.derived === undefined;
          expect(host.slice(0, -suffix.length)).toMatch(isEntered ? /^[a-z0-9-]+$/ : /^[a-z0-9.-]+$/);
        }),
      );
    }
  });
});
