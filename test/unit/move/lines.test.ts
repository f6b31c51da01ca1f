import { describe, expect, test } from 'vitest';
import { type Line, MAX_LINE_BYTES, readLines } from '../../../tools/move/lines.ts';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

const read = (bytes: Buffer | string, size = 7): Promise<readonly Line[]> =>
  Array.fromAsync(readLines(chunksOf(Buffer.from(bytes), size)));

describe('the lines of a file', () => {
  test.each([1, 2, 3, 100])('are the same in chunks of %d bytes', async (size) => {
    expect(await read('{"a":"é"}\n\n{"b":2}\r\n   \n{"c":3}', size)).toEqual([
      { number: 1, text: '{"a":"é"}' },
      { number: 3, text: '{"b":2}' },
      { number: 5, text: '{"c":3}' },
    ]);
  });

  test('begin after a byte order mark', async () => {
    expect(await read('\ufeff{}\n')).toEqual([{ number: 1, text: '{}' }]);
  });

  test('of an empty file are none', async () => {
    expect(await read('')).toEqual([]);
  });

  test('that are too long, or not UTF-8, end at their line feed', async () => {
    const long = Buffer.alloc(MAX_LINE_BYTES + 1, 'a');
    const longest = Buffer.alloc(MAX_LINE_BYTES, 'b');
    const latin1 = Buffer.from('é', 'latin1');
    const parts = [long, longest, latin1, Buffer.from('last')].flatMap((part) => [part, Buffer.from('\n')]);
    expect(await read(Buffer.concat(parts), 65_536)).toEqual([
      { number: 1, issue: 'line_too_long' },
      { number: 2, text: longest.toString() },
      { number: 3, issue: 'not_utf8' },
      { number: 4, text: 'last' },
    ]);
  });

  test.each([
    ['in UTF-16', Buffer.from('\ufeff{}\n', 'utf16le'), 'is in UTF-16: convert it to UTF-8'],
    ['that is compressed', Buffer.from([0x1f, 0x8b, 8, 0]), 'is compressed: unpack it'],
  ])('of a file %s are not read', async (_name, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(`The file ${message}.`);
  });
});
