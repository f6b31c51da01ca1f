import { expect, it } from 'vitest';
import { mutate, mutationsOf } from '../../../tools/mutate/mutations.ts';
import { drawSample } from '../../../tools/mutate/sample.ts';

/** Returns the text after each mutation. */
function mutants(text: string): string[] {
  return mutationsOf('file.ts', text).map((mutation) => mutate(text, mutation));
}

it.each<[string, readonly string[]]>([
  ['a < b;', ['a <= b;']],
  ['a && b;', ['a || b;']],
  ['a ?? b;', ['a;']],
  ['a(b);', [';']],
  ['await a();', [';']],
  ['const a = !b;', ['const a = b;']],
  ['const a = true;', ['const a = false;']],
  ['const a = 7;', ['const a = 8;']],
  ["const a = 'b';", ["const a = '';"]],
  ['if (a) b;', ['if (true) b;', 'if (false) b;']],
  ['const a = b ? c : d;', ['const a = true ? c : d;', 'const a = false ? c : d;']],
])('%j has the mutations %j', (text, expected) =>
  expect(mutants(text).toSorted()).toEqual(expected.toSorted()),
);

it.each([
  "import { a } from './b.ts';",
  "type A = 'b' | 3;",
  "interface A { readonly b: 'c' }",
  "const a: 'b' = c;",
])('%j has none', (text) => expect(mutants(text)).toEqual([]));

it('the same seed draws the same sample, each mutant at most once', () => {
  const all = Array.from({ length: 50 }, (_, start) => ({
    file: 'a.ts',
    start,
    end: start,
    replacement: '',
  }));
  const sample = drawSample(all, 20, 1);
  expect(drawSample(all, 20, 1)).toEqual(sample);
  expect(new Set(sample.map(({ start }) => start)).size).toBe(20);
  expect(drawSample(all, 20, 2)).not.toEqual(sample);
});
