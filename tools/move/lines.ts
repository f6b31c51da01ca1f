import { isUtf8 } from 'node:buffer';

/** The longest line, in bytes: a connection with thousands of steps and a long key fits. */
export const MAX_LINE_BYTES = 1_048_576;

const NEWLINE = 0x0a;
/** First bytes of files that are no text in UTF-8, and how they can become one. */
const OTHER_FORMATS = [
  [[0xff, 0xfe], 'is in UTF-16: convert it to UTF-8'],
  [[0xfe, 0xff], 'is in UTF-16: convert it to UTF-8'],
  [[0x1f, 0x8b], 'is compressed: unpack it'],
] as const;

/** A line of a file, counted from 1: its text without the end of the line; or why it has none. */
export type Line =
  | { readonly number: number; readonly text: string }
  | { readonly number: number; readonly issue: 'line_too_long' | 'not_utf8' };

/**
 * Yields the lines of a file that are not empty, with one line in memory at most. A last line needs no line feed.
 *
 * @throws Error for a file in UTF-16, and for a compressed one.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    length += part.byteLength;
    if (length <= MAX_LINE_BYTES) parts.push(part);
  };
  const end = (): Line | undefined => {
    number += 1;
    const bytes = Buffer.concat(parts);
    const isTooLong = length > MAX_LINE_BYTES;
    parts = [];
    length = 0;
    return isTooLong ? { number, issue: 'line_too_long' } : toLine(number, bytes);
  };
  let isFirst = true;
  for await (const chunk of chunks) {
    if (isFirst) requireUtf8File(chunk);
    isFirst = false;
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, at));
      start = at + 1;
      const line = end();
      if (line) yield line;
    }
    add(chunk.subarray(start));
  }
  const last = end();
  if (last) yield last;
}

function requireUtf8File(chunk: Buffer): void {
  const [, advice] = OTHER_FORMATS.find(([bytes]) => bytes.every((byte, at) => chunk[at] === byte)) ?? [];
  if (advice !== undefined) throw new Error(`The file ${advice}.`);
}

/** Returns a line without a byte order mark and a carriage return; undefined for an empty one. */
function toLine(number: number, bytes: Buffer): Line | undefined {
  if (!isUtf8(bytes)) return { number, issue: 'not_utf8' };
  const text = bytes
    .toString('utf8')
    .replace(number === 1 ? /^\ufeff/ : '', '')
    .trim();
  return text === '' ? undefined : { number, text };
}
