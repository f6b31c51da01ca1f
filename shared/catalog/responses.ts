import type { Provider } from './schema.ts';
import { fill } from './templates.ts';
import { clampWait, DEFAULT_WAIT_SECONDS, parseRetryAfter, toTimestamp } from './times.ts';

/** Longest account id or label kept, in Unicode code points. */
const MAX_LENGTH = 200;

/** HTTP response of a provider; header names in lower case. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Response with its body parsed; `json` is undefined where the body is not JSON. */
export interface ParsedResponse extends ProviderResponse {
  readonly json: unknown;
}

export type Rule = Provider['responseRules'][number];

/** Outcome of a response: that of the provider's rule, or why no rule applies. */
export type Classification = Rule['outcome'] | 'redirect' | 'server_error' | 'unexpected_response';

/** Parses the body where it is JSON, or a stream of events of which one is a response of JSON-RPC. */
export function parseResponse(response: ProviderResponse): ParsedResponse {
  const isStream = response.headers['content-type']?.startsWith('text/event-stream');
  return { ...response, json: isStream ? jsonRpcIn(response.body) : parseJson(response.body) };
}

/** Returns the first response of JSON-RPC in a stream of server-sent events; undefined where there is none yet. */
export function jsonRpcIn(stream: string): unknown {
  // What follows the last empty line is an event that has not ended.
  const events = stream.replaceAll(/\r\n?/g, '\n').split('\n\n').slice(0, -1);
  return events
    .map((event) => parseJson(event.replaceAll(/^(?!data:).*$/gm, '').replaceAll(/^data: ?/gm, '')))
    .find((json) => atPath(json, 'result') !== undefined || atPath(json, 'error') !== undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Classifies a response by the provider's first matching rule. Without one it is never a refusal, nor `ok`.
 */
export function classify(
  { responseRules }: Pick<Provider, 'responseRules'>,
  response: ParsedResponse,
): Classification {
  if (response.status >= 300 && response.status < 400) return 'redirect';
  const rule = responseRules.find((candidate) => matches(candidate, response));
  if (rule !== undefined) return rule.outcome;
  if (response.status === 429) return 'rate_limited';
  return response.status >= 500 ? 'server_error' : 'unexpected_response';
}

function matches(rule: Rule, response: ParsedResponse): boolean {
  return unmetCondition(rule, response) === undefined;
}

/** Returns the first condition of a rule that a response does not meet; undefined where it matches. */
export function unmetCondition(
  rule: Rule,
  response: ParsedResponse,
): 'status' | 'header' | 'body' | 'text' | 'json' | undefined {
  if (!rule.status.includes(response.status)) return 'status';
  if (!headerMatches(rule.header, response)) return 'header';
  if (!bodyMatches(rule.body, response)) return 'body';
  if (!textMatches(rule.text, response)) return 'text';
  const needsJson = rule.outcome === 'ok' && rule.statusFrom === undefined;
  return needsJson && !isContainer(response.json) ? 'json' : undefined;
}

function headerMatches(header: Rule['header'], { headers }: ParsedResponse): boolean {
  if (header === undefined) return true;
  const value = headers[header.name];
  return value !== undefined && (header.oneOf === undefined || header.oneOf.includes(value));
}

function bodyMatches(body: Rule['body'], { json }: ParsedResponse): boolean {
  if (body === undefined) return true;
  const value = atPath(json, body.path);
  if (value === undefined || value === null) return false;
  return body.oneOf === undefined || body.oneOf.some((expected) => expected === value);
}

function textMatches(phrases: Rule['text'], { body }: ParsedResponse): boolean {
  if (phrases === undefined) return true;
  const text = body.toLowerCase();
  return phrases.some((phrase) => text.includes(phrase.toLowerCase()));
}

function isContainer(json: unknown): boolean {
  return typeof json === 'object' && json !== null;
}

/** Reads the account that the credentials belong to; null where the response does not identify it. */
export function readAccount(
  { account, auth, oauth2 }: Pick<Provider, 'account' | 'auth' | 'oauth2'>,
  response: ParsedResponse,
  credentials: Readonly<Record<string, string>>,
): { readonly id: string; readonly label: string } | null {
  if (account === null) return null;
  const entered = auth.fields.filter((field) => !field.secret).map((field) => field.name);
  const open = new Set([...entered, ...Object.keys(oauth2?.keep ?? {})]);
  const lookUp = (name: string): string | undefined => {
    if (!name.startsWith('field.')) return readText(response, name);
    const field = name.slice('field.'.length);
    return open.has(field) ? credentials[field] : undefined;
  };
  const id = fill(account.id, lookUp);
  if (id === undefined) return null;
  const label = account.labels.map((template) => fill(template, lookUp)).find((text) => text !== undefined);
  return { id: clip(id), label: clip(label ?? id) };
}

/** Reads when the credentials end, as RFC 3339 in UTC; null where the response names no end. */
export function readExpiry({ expiry }: Pick<Provider, 'expiry'>, response: ParsedResponse): string | null {
  return expiry === undefined ? null : toTimestamp(readText(response, expiry.read) ?? '');
}

/**
 * Seconds to wait before the next request, 1 to 3600, by `Retry-After` or the provider's own header or field.
 */
export function retryAfterSeconds(
  { retryAfter }: Pick<Provider, 'retryAfter'>,
  response: ParsedResponse,
  now: Date,
): number {
  const seconds =
    parseRetryAfter(response.headers['retry-after'] ?? '', now) ?? ownWait(retryAfter, response, now);
  return clampWait(seconds ?? DEFAULT_WAIT_SECONDS);
}

function ownWait(
  retryAfter: Provider['retryAfter'],
  response: ParsedResponse,
  now: Date,
): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = readText(response, retryAfter.read) ?? '';
  if (!/^\d+(\.\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  if (retryAfter.unit === 'seconds') return value;
  const milliseconds = retryAfter.unit === 'epoch_seconds' ? value * 1000 : value;
  return (milliseconds - now.getTime()) / 1000;
}

/**
 * Reads `body.<path>` or `header.<name>` as printable text; undefined where neither text nor number is there.
 */
export function readText(response: ParsedResponse, reading: string): string | undefined {
  const [source, ...rest] = reading.split('.');
  const name = rest.join('.');
  const value = source === 'header' ? response.headers[name] : atPath(response.json, name);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = clip(String(value).replaceAll(/\p{C}/gu, '').trim());
  return text === '' ? undefined : text;
}

/** Returns the value at a path such as `user.emails.0`; undefined where there is none. */
export function atPath(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    return Object.entries(value).find(([key]) => key === part)?.[1];
  }, json);
}

/**
 * Cuts between code points: DynamoDB returns half a surrogate pair as another character, so another account.
 */
function clip(text: string): string {
  return [...text].slice(0, MAX_LENGTH).join('');
}
