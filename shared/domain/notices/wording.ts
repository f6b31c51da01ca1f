import { DAY_SECONDS } from '../time.ts';

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

/** A time for a person: `3 March 2026, 14:05 UTC`. */
export function moment(time: string): string {
  return `${day(time)}, ${new Date(time).toISOString().slice(11, 16)} UTC`;
}

/** The day of a time: `3 March 2026`. */
export function day(time: string): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

/** How far off a time is, to the nearest day: `in 7 days`. */
export function away(from: string, to: string): string {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / (DAY_SECONDS * 1000));
  if (days < 1) return 'within a day';
  return days === 1 ? 'in a day' : `in ${days} days`;
}

const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const DIRECTIONS = /\p{Bidi_Control}/gu;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * A name as it stands in a sentence: in quotation marks, on one line, and without the marks that would turn
 * the sentence's direction; a name that runs from right to left is kept apart from what surrounds it.
 */
export function quoted(name: string): string {
  const plain = name.replace(BREAKS, ' ').replace(DIRECTIONS, '');
  return RIGHT_TO_LEFT.test(plain) ? `“\u2068${plain}\u2069”` : `“${plain}”`;
}

const MARKS = /\p{M}/gu;
const VISIBLE_ASCII = /^[\x20-\x7e]+$/;

/** A name in ASCII, without its accents; null where that would leave characters out. */
export function inAscii(name: string): string | null {
  const bare = name.replace(BREAKS, ' ').normalize('NFKD').replace(MARKS, '');
  return VISIBLE_ASCII.test(bare) ? bare : null;
}

/** A text cut to a length, with the cut shown. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`;
}

/** `a`, `a and b`, `a, b and c`. */
export function summary(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
