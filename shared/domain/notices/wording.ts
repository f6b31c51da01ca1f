import { DAY_SECONDS } from '../operation-context.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** Formats date and time: `3 March 2026, 14:05 UTC`. */
export function dateTimeOf(time: string): string {
  return `${dateOf(time)}, ${new Date(time).toISOString().slice(11, 16)} UTC`;
}

/** Formats a date: `3 March 2026`. */
export function dateOf(time: string): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** Formats the time left, to the nearest day: `in 7 days`. */
export function timeLeft(from: string, to: string): string {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / (DAY_SECONDS * 1000));
  if (days < 1) return 'within a day';
  return days === 1 ? 'in a day' : `in ${days} days`;
}

const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Quotes a name for use in a sentence: on one line, without the characters that would change the sentence's direction.
 * A right-to-left name is isolated from the text around it.
 */
export function quoteName(name: string): string {
  const plain = name.replace(LINE_BREAKS, ' ').replace(BIDI_CONTROLS, '');
  return RIGHT_TO_LEFT.test(plain) ? `“\u2068${plain}\u2069”` : `“${plain}”`;
}

const COMBINING_MARKS = /\p{M}/gu;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Converts a name to ASCII without accents; null when characters would be lost. */
export function toAscii(name: string): string | null {
  const bare = name.replace(LINE_BREAKS, ' ').normalize('NFKD').replace(COMBINING_MARKS, '');
  return PRINTABLE_ASCII.test(bare) ? bare : null;
}

/** Cuts a text to a length, ending in `...` when it was longer. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** Joins names: `a`, `a and b`, `a, b and c`. */
export function joinNames(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
