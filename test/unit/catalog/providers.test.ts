import { describe, expect, it } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';

/** Each built-in provider is validated with its examples by being read: a wrong entry fails here in words. */
const entries = builtInProviders().map(({ entry }) => entry);

describe('the catalog', () => {
  it('lists every provider by name', () => {
    const providers = catalog.list();
    expect(providers.map(({ id }) => id).toSorted()).toEqual(entries.map(({ id }) => id));
    const names = providers.map(({ name }) => name);
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, 'en', { sensitivity: 'base' })));
  });

  it.each(['no-such-provider', 'constructor', '__proto__', '../index', ''])('has no provider %j', (id) => {
    expect([catalog.get(id), catalog.summary(id), catalog.icon(id)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe.each(entries)('$id', ({ id, auth }) => {
  it('has sample credentials that match its fields, others for each name', () => {
    const [one, two] = [sampleCredentials(id, 'one'), sampleCredentials(id, 'a-b-2')];
    for (const { name, secret, pattern = '' } of auth.fields) {
      for (const sample of [one, two]) expect(sample[name]).toMatch(new RegExp(pattern, 'v'));
      if (secret) expect(one[name]).not.toBe(two[name]);
    }
    expect(Object.keys(one)).toEqual(auth.fields.map(({ name }) => name));
  });
});
