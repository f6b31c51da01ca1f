import { createHash } from 'node:crypto';
import type { Example } from './example-schema.ts';
import type { ProviderResponse } from './responses.ts';
import { fill, placeholders } from './templates.ts';

/** Values that an example is rendered with, and the placeholders that they fill. */
export interface ExampleValues {
  /** `{field.<name>}`, of the fields that are not secret. */
  readonly fields: Readonly<Record<string, string>>;
  /** `{scopes}`: a list, or separated by `, ` within a longer text. */
  readonly scopes: readonly string[];
  /**
   * `{expiry.timestamp}`, `.date`, `.time`, `.epochSeconds` and `.epochMilliseconds`: end of the credentials.
   */
  readonly expiresAt: Date | null;
  /** `{retry.seconds}`, and `.timestamp` and so on: end of the wait after `rate_limited`. */
  readonly retryAfterSeconds: number;
  readonly now: Date;
}

type Value = string | number | readonly string[];

/** Names that `renderExample` fills, besides those of the open fields. */
export const EXAMPLE_PLACEHOLDERS: readonly string[] = [
  'scopes',
  'retry.seconds',
  ...['expiry', 'retry'].flatMap((name) => [...timeValues(name, new Date(0)).keys()]),
];

/** Renders an example as the response that a provider would send. */
export function renderExample(example: Example, values: ExampleValues): ProviderResponse {
  const lookUp = lookUpIn(values);
  const isJson = example.body !== undefined;
  const headers = Object.entries(example.headers ?? {}).flatMap(([name, template]) => {
    const value = fill(template, (placeholder) => asText(lookUp(placeholder)));
    return value === undefined ? [] : [[name, value]];
  });
  return {
    status: example.status,
    headers: {
      'content-type': isJson ? 'application/json' : 'text/plain;charset=utf-8',
      ...Object.fromEntries(headers),
    },
    body: isJson
      ? JSON.stringify(renderJson(example.body, lookUp))
      : (fill(example.text ?? '', (placeholder) => asText(lookUp(placeholder))) ?? ''),
  };
}

function lookUpIn({ fields, scopes, expiresAt, retryAfterSeconds, now }: ExampleValues) {
  const retryAt = new Date(now.getTime() + retryAfterSeconds * 1000);
  const values = new Map<string, Value>([
    ...Object.entries(fields).map(([name, value]) => [`field.${name}`, value] as const),
    ['scopes', scopes],
    ['retry.seconds', retryAfterSeconds],
    ...timeValues('retry', retryAt),
    ...(expiresAt === null ? [] : timeValues('expiry', expiresAt)),
  ]);
  return (name: string) => values.get(name);
}

function timeValues(name: string, time: Date): Map<string, Value> {
  const timestamp = time.toISOString();
  return new Map<string, Value>([
    [`${name}.timestamp`, timestamp],
    [`${name}.date`, timestamp.slice(0, 10)],
    [`${name}.time`, timestamp.slice(11, 19)],
    [`${name}.epochSeconds`, Math.ceil(time.getTime() / 1000)],
    [`${name}.epochMilliseconds`, time.getTime()],
  ]);
}

function asText(value: Value | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value?.toString();
}

function renderJson(value: unknown, lookUp: (name: string) => Value | undefined): unknown {
  if (typeof value === 'string') {
    const [name, ...others] = placeholders(value);
    if (name === undefined) return value;
    if (others.length === 0 && value === `{${name}}`) return lookUp(name) ?? null;
    return fill(value, (placeholder) => asText(lookUp(placeholder))) ?? null;
  }
  if (Array.isArray(value)) return value.map((item) => renderJson(item, lookUp));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, renderJson(item, lookUp)]));
}

/** Field of a provider, as far as made-up credentials depend on it. */
interface SampleField {
  readonly name: string;
  readonly sample?: string | undefined;
}

/**
 * Makes up credentials, for demo data and tests: the same for the same name, others for another one. A
 * field's `sample` is its template, with `{name}` and `{digits}`, ten of them; without one it is
 * `sample-<field>-{name}`, which no secret scanner takes for a real one.
 *
 * @param name letters, digits and hyphens.
 * @param more further values that templates may hold.
 */
export function makeSample(
  fields: readonly SampleField[],
  name: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const digest = createHash('sha256').update(name).digest().readUInt32BE();
  const values: Readonly<Record<string, string>> = { ...more, name, digits: String(digest + 1_000_000_000) };
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      fill(field.sample ?? `sample-${field.name}-{name}`, (placeholder) => values[placeholder]) ?? '',
    ]),
  );
}

/** Makes up the values of an entry's `keep`, as `makeSample` does. */
export function makeKeptSample(
  keep: Readonly<Record<string, Omit<SampleField, 'name'>>> = {},
  name: string,
  fields: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const kept = Object.entries(keep).map(([key, { sample }]) => ({ name: key, sample }));
  return makeSample(kept, name, fields);
}
