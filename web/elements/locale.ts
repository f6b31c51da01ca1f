import { en, type Messages } from './messages/en.ts';
import { es } from './messages/es.ts';

/** A language's texts, and dates and numbers as it writes them, in the reader's time zone. */
export interface Locale {
  readonly language: string;
  readonly text: Messages;
  dateTime(iso: string): string;
  date(iso: string): string;
  /** The time of day, or date and time where that was another day. */
  clock(date: Date): string;
  number(value: number): string;
  list(items: readonly string[]): string;
}

const locales = new Map<string, Locale>();

/** Returns the locale of a language tag; English where its language has no texts. */
export function localeOf(tag: string): Locale {
  const known = locales.get(tag);
  if (known) return known;
  const locale = createLocale(tag);
  locales.set(tag, locale);
  return locale;
}

function createLocale(tag: string): Locale {
  const isSpanish = /^es\b/i.test(tag);
  // The reader's own regional habits, where their browser has the same language.
  const language = isSpanish ? 'es' : 'en';
  const regional = navigator.languages.find((candidate) => candidate.startsWith(language)) ?? language;
  const dateTime = new Intl.DateTimeFormat(regional, { dateStyle: 'medium', timeStyle: 'short' });
  const date = new Intl.DateTimeFormat(regional, { dateStyle: 'medium' });
  const clock = new Intl.DateTimeFormat(regional, { timeStyle: 'short' });
  const number = new Intl.NumberFormat(regional);
  const list = new Intl.ListFormat(regional, { type: 'conjunction' });
  return {
    language,
    text: isSpanish ? es : en,
    dateTime: (iso) => dateTime.format(new Date(iso)),
    date: (iso) => date.format(new Date(iso)),
    clock: (at) => (at.toDateString() === new Date().toDateString() ? clock : dateTime).format(at),
    number: (value) => number.format(value),
    list: (items) => list.format(items),
  };
}
