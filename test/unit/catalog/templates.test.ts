import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileMatcher, fill, mergeValues } from '../../../shared/catalog/templates.ts';

describe('a template', () => {
  it('is matched by what it was filled with', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9@. "'{}()[\]|$^*+?\\]{1,20}$/);
    fc.assert(
      fc.property(value, (token) => {
        const template = 'OAuth (key="{key}") [a|b]*, token={token}';
        const text = fill(template, (name) => (name === 'key' ? 'k1' : token)) ?? '';
        expect(compileMatcher(template)(text)).toEqual({ key: 'k1', token });
      }),
    );
  });

  it.each([
    ['Bearer {token}', 'bearer x'],
    ['Bearer {token}', 'Bearer '],
    ['{user} ({team})', 'grace'],
    ['{a}-{a}', '1-2'],
    ['a.c', 'abc'],
  ])('%s is not matched by %s', (template, text) => {
    expect(compileMatcher(template)(text)).toBeUndefined();
  });

  it('can restrict its values', () => {
    const match = compileMatcher('https://{shop}.example.com', '[a-z-]+');
    expect(match('https://a-b.example.com')).toEqual({ shop: 'a-b' });
    expect(match('https://a.b.example.com')).toBeUndefined();
  });
});

it('values of one name that differ have no merge', () => {
  expect(
    mergeValues([
      ['a', '1'],
      ['b', '2'],
      ['a', '1'],
    ]),
  ).toEqual({ a: '1', b: '2' });
  expect(
    mergeValues([
      ['a', '1'],
      ['a', '2'],
    ]),
  ).toBeUndefined();
});
