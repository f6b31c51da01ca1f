import type { Provider } from '../../catalog/schema.ts';
import type { UnavailableCause } from '../../domain/credentials/verification.ts';
import { clampWait, DEFAULT_WAIT, parseRetryAfter } from './instants.ts';
import { atPath, type ParsedResponse, readText } from './reading.ts';

type Rule = Provider['responseRules'][number];

/** What an answer means: what the provider's data says, or why it says nothing. */
export type Classification = Rule['outcome'] | UnavailableCause;

/** The first of the provider's rules that fits; what no rule knows is never taken for a refusal. */
export function classify(provider: Provider, answer: ParsedResponse): Classification {
  if (answer.status >= 300 && answer.status < 400) return 'redirect';
  const rule = provider.responseRules.find((candidate) => fits(candidate, answer));
  if (rule !== undefined) return rule.outcome;
  if (answer.status === 429) return 'rate_limited';
  return answer.status >= 500 ? 'server_error' : 'unexpected_response';
}

function fits(rule: Rule, answer: ParsedResponse): boolean {
  return (
    rule.status.includes(answer.status) &&
    headerFits(rule.header, answer) &&
    bodyFits(rule.body, answer) &&
    textFits(rule.text, answer) &&
    (rule.outcome !== 'ok' || isContainer(answer.json))
  );
}

function headerFits(header: Rule['header'], { headers }: ParsedResponse): boolean {
  if (header === undefined) return true;
  const value = headers[header.name];
  return value !== undefined && (header.oneOf === undefined || header.oneOf.includes(value));
}

function bodyFits(body: Rule['body'], { json }: ParsedResponse): boolean {
  if (body === undefined) return true;
  const value = atPath(json, body.path);
  if (value === undefined || value === null) return false;
  return body.oneOf === undefined || body.oneOf.some((expected) => expected === value);
}

function textFits(phrases: Rule['text'], { body }: ParsedResponse): boolean {
  if (phrases === undefined) return true;
  const text = body.toLowerCase();
  return phrases.some((phrase) => text.includes(phrase.toLowerCase()));
}

function isContainer(json: unknown): boolean {
  return typeof json === 'object' && json !== null;
}

/** Seconds to wait before asking again, 1 to 3600, from `Retry-After` or where else this provider tells it. */
export function waitAfter(provider: Provider, answer: ParsedResponse, now: Date): number {
  const told = parseRetryAfter(answer.headers['retry-after'] ?? '', now) ?? ownWait(provider, answer, now);
  return clampWait(told ?? DEFAULT_WAIT);
}

function ownWait({ retryAfter }: Provider, answer: ParsedResponse, now: Date): number | undefined {
  const text = retryAfter === undefined ? undefined : readText(answer, retryAfter.read);
  const value = text === undefined || !/^\d+(\.\d+)?$/.test(text) ? undefined : Number(text);
  if (value === undefined || retryAfter === undefined) return undefined;
  const epoch = { seconds: undefined, epoch_seconds: value * 1000, epoch_milliseconds: value }[
    retryAfter.unit
  ];
  return epoch === undefined ? value : (epoch - now.getTime()) / 1000;
}
