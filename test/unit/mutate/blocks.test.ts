import { expect, it } from 'vitest';
import { blockAround, blocksOf, recordBlocks } from '../../../tools/mutate/blocks.ts';

/** Returns the text of each block but the file's. */
function blocks(text: string): string[] {
  return blocksOf('file.ts', text)
    .slice(1)
    .map(({ start, end }) => text.slice(start, end));
}

it.each<[string, readonly string[]]>([
  ['function a() { b(); }', ['{ b(); }']],
  ['const a = () => b;', ['b']],
  ['const a = () => { b(); };', ['{ b(); }']],
  ['if (a) b(); else c();', ['b();', 'c();']],
  ['if (a) { b(); }', ['{ b(); }']],
  ['for (const a of b) c();', ['c();']],
  ['const a = b ? c : d;', ['c', 'd']],
  ['const a = b && c;', ['c']],
  ['type A = () => void;', []],
])('%j has the blocks %j', (text, expected) => expect(blocks(text)).toEqual(expected));

it('a change is in the smallest block around it', () => {
  const text = 'const a = () => { if (b) c(1); };';
  const around = (part: string) => {
    const start = text.indexOf(part);
    return blockAround('file.ts', text, { start, end: start + part.length });
  };
  expect(['1', 'b', 'a'].map(around)).toEqual(['file.ts:25', 'file.ts:16', 'file.ts:0']);
});

it('a file with recorded blocks does what it did, and names each block that ran', () => {
  const text = 'const a = (b) => { if (b) return b > 1 ? "many" : "one"; return b ?? "none"; };';
  const ran: string[] = [];
  const [, body = ''] = recordBlocks('file.ts', text).split(/^import .*?; /);
  const run = new Function('_executed', `${body} return [a(2), a(0), a()];`);
  expect(run((block: string) => ran.push(block))).toEqual(['many', 0, 'none']);
  const [whole, branch, operand, other] = ['{ if', 'return b >', '"many"', '"none"'].map(
    (start) => `file.ts:${text.indexOf(start)}`,
  );
  expect(ran).toEqual(['file.ts:0', whole, branch, operand, whole, whole, other]);
});
