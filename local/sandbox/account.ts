import { createHash } from 'node:crypto';
import { type ProviderResponse, parseResponse, readText } from '../../shared/catalog/responses.ts';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { compileMatcher, placeholders } from '../../shared/catalog/templates.ts';

type Fields = Readonly<Record<string, string>>;

/** Text by reading (`body.user.id`, `header.x-account`); undefined removes the documented value. */
type Readings = ReadonlyMap<string, string | undefined>;

/**
 * Puts an account in a documented response, where the entry reads it from. Only documented values are
 * replaced: an entry that reads from the wrong place still finds nothing there.
 */
export function withAccount(
  { account: templates }: ProviderEntry,
  response: ProviderResponse,
  account: { readonly id: string; readonly label: string },
  fields: Fields,
): ProviderResponse {
  if (templates === null) return response;
  const id =
    matchTemplate(templates.id, account.id, fields) ?? only(readingsOf(templates.id).at(-1), account.id);
  return write(response, new Map([...labelReadings(templates.labels, account.label, fields), ...id]));
}

/** Puts an account of its own in a documented response, the same for the same seed (hexadecimal digits). */
export function withGeneratedAccount(
  { account: templates }: ProviderEntry,
  response: ProviderResponse,
  seed: string,
  fields: Fields,
): ProviderResponse {
  if (templates === null) return response;
  const parsed = parseResponse(response);
  const own = new Set(Object.values(fields));
  const varied = [templates.id, templates.labels[0] ?? ''].flatMap(readingsOf).flatMap((reading) => {
    const text = readText(parsed, reading);
    // Text that comes from the request, such as the SID of the account, is its own already.
    return text === undefined || own.has(text) ? [] : [[reading, vary(text, `${reading} ${seed}`)] as const];
  });
  return write(response, new Map(varied));
}

function labelReadings(labels: readonly string[], text: string, fields: Fields): Readings {
  for (const [index, template] of labels.entries()) {
    const matched = matchTemplate(template, text, fields);
    if (matched === undefined) continue;
    // Without their parts, the labels before this one do not apply.
    const earlier = labels
      .slice(0, index)
      .flatMap(readingsOf)
      .map((reading) => [reading, undefined] as const);
    return new Map<string, string | undefined>([...earlier, ...matched]);
  }
  return only(readingsOf(labels[0] ?? '')[0], text);
}

/** Takes a text apart by a template; undefined where it does not match, or names another field's value. */
function matchTemplate(template: string, text: string, fields: Fields): Readings | undefined {
  const values = Object.entries(compileMatcher(template)(text) ?? {});
  const isOwn = values.every(
    ([name, value]) => !name.startsWith('field.') || fields[name.slice('field.'.length)] === value,
  );
  const readings = values.filter(([name]) => !name.startsWith('field.'));
  return isOwn && readings.length > 0 ? new Map(readings) : undefined;
}

function readingsOf(template: string): string[] {
  return placeholders(template).filter((name) => !name.startsWith('field.'));
}

function only(reading: string | undefined, text: string): Readings {
  return new Map(reading === undefined ? [] : [[reading, text]]);
}

/** Varies a documented value in its own form: its digits where it has some, else by a suffix. */
function vary(text: string, seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  const digits = BigInt(`0x${hex}`).toString();
  if (/^\d+$/.test(text)) return digits.slice(0, Math.max(9, text.length));
  if (text.replaceAll(/\D/g, '').length >= 6) {
    let next = 0;
    return text.replaceAll(/\d/g, () => digits[next++] ?? '0');
  }
  const suffix = hex.slice(0, 6);
  if (text.includes('@')) return text.replace('@', `-${suffix}@`);
  return `${text}${text.includes(' ') ? ' ' : '-'}${suffix}`;
}

function write(response: ProviderResponse, readings: Readings): ProviderResponse {
  let { json } = parseResponse(response);
  const headers = new Map(Object.entries(response.headers));
  for (const [reading, text] of readings) {
    const [source, ...path] = reading.split('.');
    if (source === 'body') json = replaceAt(json, path, text);
    else if (text !== undefined && headers.has(path.join('.'))) headers.set(path.join('.'), text);
  }
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: json === undefined ? response.body : JSON.stringify(json),
  };
}

function replaceAt(json: unknown, [key, ...rest]: readonly string[], text: string | undefined): unknown {
  if (key === undefined) return typeof json === 'number' && isNumber(text) ? Number(text) : text;
  if (Array.isArray(json))
    return json.map((item, at) => (String(at) === key ? replaceAt(item, rest, text) : item));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, item]) => [name, name === key ? replaceAt(item, rest, text) : item]),
  );
}

function isNumber(text: string | undefined): boolean {
  return /^[1-9]\d{0,14}$/.test(text ?? '');
}
