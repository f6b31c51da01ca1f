/** Bounds of a wait, in seconds: a provider's zero would be a busy loop, its week a dead connection. */
const MIN_WAIT_SECONDS = 1;
const MAX_WAIT_SECONDS = 3600;
/** Wait before the next request, in seconds, where a provider names none. */
export const DEFAULT_WAIT_SECONDS = 60;

/**
 * Converts a time as providers write it (a date, RFC 3339, a date and time with a zone, seconds or
 * milliseconds since 1970) to RFC 3339 in UTC with milliseconds; null where the text is no time before the
 * year 10000.
 */
export function toTimestamp(text: string): string | null {
  if (/^\d{9,13}$/.test(text)) return format(Number(text) * (text.length > 11 ? 1 : 1000));
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/.exec(
    text,
  );
  if (match === null) return null;
  const [, date, time = '00:00:00', zone = 'Z'] = match;
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  return format(Date.parse(`${date}T${time}${offset}`));
}

function format(milliseconds: number): string | null {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() > 9999 ? null : date.toISOString();
}

/**
 * Reads `Retry-After` (RFC 9110 section 10.2.3: seconds, or an HTTP date), in seconds; undefined if neither.
 */
export function parseRetryAfter(text: string, now: Date): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : (at - now.getTime()) / 1000;
}

/** Rounds a wait up to whole seconds, within 1 second and 1 hour. */
export function clampWait(seconds: number): number {
  return Math.min(MAX_WAIT_SECONDS, Math.max(MIN_WAIT_SECONDS, Math.ceil(seconds)));
}
