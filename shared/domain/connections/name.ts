/** The longest name of a connection or a flow, in Unicode code points. */
export const NAME_MAX_LENGTH = 128;

const CONTROL = /\p{Cc}/u;
const COMBINING_DIACRITICS = /[\u0300-\u036f]/g;

/** The name as it is kept: trimmed, Unicode NFC. */
export function normalizeName(name: string): string {
  return name.normalize('NFC').trim();
}

/** What is wrong with a normalised name, or null. */
export function nameIssue(name: string): string | null {
  if (CONTROL.test(name)) return 'must not contain control characters';
  if (!name.isWellFormed()) return 'must be well-formed Unicode';
  const length = [...name].length;
  if (length < 1 || length > NAME_MAX_LENGTH) return `must be 1 to ${NAME_MAX_LENGTH} characters`;
  return null;
}

/**
 * A name without regard to case or accents, the same in every locale: what the list sorts and searches by.
 *
 * Upper then lower case, a character at a time, brings `ß` to `ss` and both Greek sigmas together. Only the
 * diacritics of U+0300 to U+036F are dropped; the vowel signs of other scripts are letters, not accents.
 * At most 4 bytes of UTF-8 for each code point of the name: with its id it is 553 of a sort key's 1,024 bytes.
 */
export function foldName(name: string): string {
  const bare = name.normalize('NFD').replace(COMBINING_DIACRITICS, '').normalize('NFC');
  return [...bare]
    .map((character) => character.toUpperCase().toLowerCase())
    .join('')
    .normalize('NFC');
}

/** A name cut to the bound, for names that are put together from a provider's and an account's. */
export function clipName(name: string): string {
  return normalizeName([...normalizeName(name)].slice(0, NAME_MAX_LENGTH).join(''));
}
