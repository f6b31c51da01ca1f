import { expect, test } from 'vitest';
import { nameKey } from '../../../shared/adapters/aws/table/keys.ts';
import { foldName, NAME_MAX_LENGTH } from '../../../shared/domain/model/name.ts';

const ID = 'con_019c9f0c-0000-7000-8000-000000000000';

/** Yields every character of names, which are NFC. */
function* characters(): Generator<string> {
  for (let point = 0x20; point <= 0x10ffff; point += 1) {
    const character = String.fromCodePoint(point);
    if (character.isWellFormed() && character.normalize('NFC') === character) yield character;
  }
}

test('a folded name has at most four bytes a character, and fits the sort key of the name indexes', () => {
  let longest = { bytes: 0, character: '' };
  for (const character of characters()) {
    const bytes = Buffer.byteLength(foldName(character));
    if (bytes > longest.bytes) longest = { bytes, character };
  }
  expect(longest.bytes).toBe(4);
  const key = nameKey(foldName(longest.character.repeat(NAME_MAX_LENGTH)), ID);
  expect(Buffer.byteLength(key)).toBe(553);
});
