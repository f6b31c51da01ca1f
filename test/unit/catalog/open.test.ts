import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import { completeRequests, openAddress } from '../../../shared/catalog/open.ts';
import { validateEntry } from '../../../shared/catalog/validate.ts';

const REFUSED = [
  'http://api.example.com',
  'ftp://api.example.com',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://user@api.example.com',
  'https://user:password@api.example.com',
  'https://api.example.com:8443',
  'https://api.example.com:80',
  'https://api.example.com/#fragment',
  'https://api.example.com#',
  'https://api.example.com/?a=b',
  'https://api.example.com\\\\@evil.example',
  'https://{host}.example.com',
  'https://api.example.com/{token}',
  ' https://api.example.com',
  'https://api.example.com\n',
  '//api.example.com',
  'api.example.com',
  'https://',
  '',
];

describe('an entered address', () => {
  it.each(REFUSED)('is refused as %j', (text) => {
    expect(openAddress(text)).toBeUndefined();
  });

  it.each([
    ['https://api.example.com', 'https://api.example.com/'],
    ['https://API.Example.com/v1', 'https://api.example.com/v1'],
    ['https://api.example.com:443/v1/', 'https://api.example.com/v1/'],
    ['HTTPS://api.example.com', 'https://api.example.com/'],
  ])('%s is %s', (text, address) => {
    expect(openAddress(text)).toBe(address);
  });

  it('is never more than HTTPS at a host, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string(), fc.string({ unit: 'binary' })), (text) => {
        const address = openAddress(text);
        if (address === undefined) return;
        const { protocol, port, username, password, search, hash } = new URL(address);
        expect([protocol, port, username, password, search, hash]).toEqual(['https:', '', '', '', '', '']);
      }),
    );
  });
});

describe('an open entry', () => {
  const header = catalog.get('custom-http-header');
  if (header === undefined) throw new Error('no custom-http-header');
  const values = sampleCredentials('custom-http-header');
  const completed = (changed: Readonly<Record<string, string>>) =>
    completeRequests(header, { ...values, ...changed });

  it('is completed by what the user entered', () => {
    const entered = {
      baseUrl: 'https://api.example.com/v1/',
      probePath: '/me?fields=id',
      headerName: 'X-Key',
    };
    const { baseUrl, probe, send, responseRules } =
      completed({ ...entered, acceptedStatus: '204, 404' }) ?? {};
    expect({ baseUrl, path: probe?.path, send, status: responseRules?.[0]?.status }).toEqual({
      baseUrl: 'https://api.example.com/v1',
      path: '/me?fields=id',
      send: { headers: { 'X-Key': '{key}' } },
      status: [204, 404],
    });
  });

  it('accepts its own statuses where the user entered none', () => {
    expect(completed({ acceptedStatus: '' })?.responseRules).toEqual(header.responseRules);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['no address', { baseUrl: '' }],
    ['an address of another scheme', { baseUrl: 'http://api.example.com' }],
    ['no path', { probePath: '' }],
    ['a path of another host', { probePath: '//evil.example' }],
    ['a path of another host after all', { probePath: '@evil.example' }],
    ['a path with a backslash', { probePath: '/\\evil.example' }],
    ['a path with a template', { probePath: '/{key}' }],
    ['a path with a line break', { probePath: '/me\r\nhost: evil.example' }],
    ['a header that routes', { headerName: 'Host' }],
    ['a header that frames', { headerName: 'transfer-encoding' }],
    ['a header of a proxy', { headerName: 'proxy-authorization' }],
    ['a header with a space', { headerName: 'x key' }],
    ['a header with a line break', { headerName: 'x\r\ny' }],
    ['no header', { headerName: '' }],
    ['statuses that are none', { acceptedStatus: '2xx' }],
  ])('is not completed with %s', (_, changed) => {
    expect(completed(changed)).toBeUndefined();
  });

  it('is the only one that may have whole addresses and entered names', () => {
    for (const { entry } of builtInProviders().filter((source) => source.entry.open)) {
      const { open: _, ...closed } = entry;
      const messages = validateEntry(closed).issues?.map(({ path, message }) => `${path}: ${message}`) ?? [];
      expect(messages.join()).toMatch(/is of open entries only|must be https:/);
    }
  });

  it.each([
    ['a secret address', { secret: true }],
    ['an optional address', { required: false }],
  ])('is invalid with %s', (_, changed) => {
    const [entry] = builtInProviders().flatMap((source) =>
      source.entry.id === 'custom-http' ? [source.entry] : [],
    );
    const fields = entry?.auth.fields.map((field) =>
      field.name === 'baseUrl' ? { ...field, ...changed } : field,
    );
    const { issues = [] } = validateEntry({ ...entry, auth: { ...entry?.auth, fields } });
    expect(issues.length).toBeGreaterThan(0);
  });
});
