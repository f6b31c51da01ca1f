/** The longest name of a connection or a flow, in Unicode code points. */
export const NAME_MAX_LENGTH = 128;

const CONTROL_CHARACTER = /\p{Cc}/u;
const COMBINING_DIACRITICS = /[\u0300-\u036f]/g;

/** Normalizes a name for storage: Unicode NFC, trimmed. */
export function normalizeName(name: string): string {
  return name.normalize('NFC').trim();
}

/** Describes what is wrong with a normalized name; null when it is valid. */
export function nameIssue(name: string): string | null {
  if (CONTROL_CHARACTER.test(name)) return 'must not contain control characters';
  if (!name.isWellFormed()) return 'must be well-formed Unicode';
  const length = [...name].length;
  if (length < 1 || length > NAME_MAX_LENGTH) return `must be 1 to ${NAME_MAX_LENGTH} characters`;
  return null;
}

/**
 * Folds a name for sorting and searching: no case, no accents, the same in every locale.
 *
 * Upper then lower case, one character at a time, folds `ß` to `ss` and both Greek sigmas together. Only the diacritics
 * U+0300 to U+036F are removed; vowel signs of other scripts are letters, not accents. The result has at most 4 bytes
 * of UTF-8 per code point: with its id at most 553 of a sort key's 1,024 bytes.
 */
export function foldName(name: string): string {
  const bare = name.normalize('NFD').replace(COMBINING_DIACRITICS, '').normalize('NFC');
  return [...bare]
    .map((character) => character.toUpperCase().toLowerCase())
    .join('')
    .normalize('NFC');
}

/** Normalizes a name and cuts it to the maximum length, for names composed of a provider's and an account's. */
export function clipName(name: string): string {
  return normalizeName([...normalizeName(name)].slice(0, NAME_MAX_LENGTH).join(''));
}
