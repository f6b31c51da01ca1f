import { type Example, SITUATIONS, type Situation } from './example-schema.ts';
import {
  EXAMPLE_PLACEHOLDERS,
  type ExampleValues,
  makeKeptSample,
  makeSample,
  renderExample,
} from './examples.ts';
import {
  type Classification,
  classify,
  type ParsedResponse,
  parseResponse,
  readAccount,
  readExpiry,
  retryAfterSeconds,
} from './responses.ts';
import type { EntryIssue, ProviderEntry } from './schema.ts';
import { placeholders } from './templates.ts';

/** Situations that each entry has an example of, or names as undocumented. */
const NEEDED = SITUATIONS.filter((situation) => situation !== 'header_missing');

const NOW = new Date('2031-01-01T00:00:00.000Z');
const EXPIRES_AT = new Date('2031-02-03T04:05:06.000Z');
const RETRY_AFTER_SECONDS = 30;

/** Checks that examples are complete, and that each is classified as its situation says. */
export function exampleIssues(entry: ProviderEntry): EntryIssue[] {
  const each = entry.examples.flatMap((example, index) =>
    formIssues(entry, example)
      .concat(responseIssues(entry, example))
      .map((message) => ({ path: `examples.${index}`, message })),
  );
  return [...each, ...missingExamples(entry).map((message) => ({ path: 'examples', message }))];
}

/** Returns true for the example of working credentials on the expiry request, which has no outcome. */
function isOkToExpiry({ situations, request }: Example): boolean {
  return situations.includes('ok') && request === 'expiry';
}

function formIssues(entry: ProviderEntry, example: Example): string[] {
  const { situations, request, scopes, header, body, text } = example;
  const isOk = situations.includes('ok');
  const lacksHeader = situations.includes('header_missing');
  const known = new Set([
    ...EXAMPLE_PLACEHOLDERS,
    ...entry.auth.fields.filter(({ secret }) => !secret).map(({ name }) => `field.${name}`),
  ]);
  const used = placeholders(JSON.stringify([example.headers ?? {}, body ?? text ?? '']));
  return [
    ...((isOk || lacksHeader) && situations.length > 1 ? ['ok and header_missing stand alone'] : []),
    ...(scopes !== undefined && !isOk ? ['scopes are of ok only'] : []),
    ...((header !== undefined) === lacksHeader ? [] : ['header is of header_missing, which needs it']),
    ...(request === 'expiry' && entry.expiry?.request === undefined
      ? ['the entry has no expiry request']
      : []),
    ...(request === 'olderProbe' && entry.olderProbe === undefined ? ['the entry has no olderProbe'] : []),
    ...(body !== undefined && text !== undefined ? ['has either a body or a text'] : []),
    ...used.filter((name) => !known.has(name)).map((name) => `{${name}} is no placeholder of examples`),
  ];
}

function responseIssues(entry: ProviderEntry, example: Example): string[] {
  const response = render(entry, example);
  if (isOkToExpiry(example)) {
    return [...expiryIssues(entry, example), ...(response.status === 200 ? [] : ['must have status 200'])];
  }
  const classification = classify(entry, response);
  return [
    ...example.situations
      .filter((situation) => !expected(situation, example).includes(classification))
      .map(
        (situation) =>
          `is classified as ${classification}; ${situation} must be ${expected(situation, example).join(' or ')}`,
      ),
    ...(classification === 'ok' ? okIssues(entry, example, response) : []),
    ...(classification === 'rate_limited' ? waitIssues(entry, example, response) : []),
  ];
}

function expected(situation: Situation, { situations }: Example): readonly Classification[] {
  switch (situation) {
    case 'ok':
    case 'rate_limited':
      return [situation];
    case 'unknown':
    case 'revoked':
      return ['access_revoked'];
    case 'missing':
      return ['access_revoked', 'unexpected_response'];
    case 'expired': {
      // Services that answer alike to expired and to revoked credentials leave the reason open.
      const isAlike = situations.includes('revoked') || situations.includes('unknown');
      return [isAlike ? 'access_revoked' : 'credentials_expired'];
    }
    case 'forbidden':
      return ['access_changed'];
    case 'header_missing':
      return ['unexpected_response'];
  }
}

function okIssues(entry: ProviderEntry, example: Example, response: ParsedResponse): string[] {
  const hasAccount = readAccount(entry, response, sampleOf(entry)) !== null;
  return [
    ...(entry.account !== null && !hasAccount ? ['the account cannot be read from it'] : []),
    ...(entry.expiry !== undefined && entry.expiry.request === undefined ? expiryIssues(entry, example) : []),
  ];
}

function expiryIssues(entry: ProviderEntry, example: Example): string[] {
  const end = readExpiry(entry, render(entry, example, { expiresAt: EXPIRES_AT }));
  const exact = EXPIRES_AT.toISOString();
  const day = `${exact.slice(0, 10)}T00:00:00.000Z`;
  return [
    ...(end === exact || end === day ? [] : [`the expiry ${exact} is read from it as ${end}`]),
    ...(readExpiry(entry, render(entry, example)) === null ? [] : ['an expiry is read where there is none']),
  ];
}

function waitIssues(entry: ProviderEntry, example: Example, response: ParsedResponse): string[] {
  if (!JSON.stringify(example).includes('{retry.')) return [];
  const wait = retryAfterSeconds(entry, response, NOW);
  return wait === RETRY_AFTER_SECONDS
    ? []
    : [`the wait of ${RETRY_AFTER_SECONDS} s is read from it as ${wait} s`];
}

function missingExamples(entry: ProviderEntry): string[] {
  const { examples, undocumented = [], expiry, responseRules } = entry;
  const covered = new Set(
    examples
      .filter(({ request }) => request === undefined || request === 'probe')
      .flatMap(({ situations }) => situations),
  );
  const outcomes = new Set<string>(
    examples
      .filter((example) => !isOkToExpiry(example))
      .map((example) => classify(entry, render(entry, example))),
  );
  const open = new Set<Situation>(undocumented);
  return [
    ...NEEDED.filter((situation) => !covered.has(situation) && !open.has(situation)).map(
      (situation) => `none is of ${situation}`,
    ),
    ...undocumented
      .filter((situation) => covered.has(situation))
      .map((situation) => `one is of ${situation}, which the entry calls undocumented`),
    ...(expiry?.request !== undefined && !examples.some(isOkToExpiry)
      ? ['none is of ok to the expiry request']
      : []),
    ...[...new Set(responseRules.map(({ outcome }) => outcome))]
      .filter((outcome) => !outcomes.has(outcome))
      .map((outcome) => `none has the outcome ${outcome}, which a rule has`),
    ...(entry.olderProbe !== undefined && !examples.some(({ request }) => request === 'olderProbe')
      ? ['none is a response to olderProbe']
      : []),
    ...(entry.retryAfter !== undefined && !examples.some((example) => showsOwnWait(entry, example))
      ? ['none shows the wait that retryAfter reads']
      : []),
  ];
}

/** Returns true where the wait can be read from the response without its `Retry-After`. */
function showsOwnWait(entry: ProviderEntry, example: Example): boolean {
  const { 'retry-after': _, ...headers } = example.headers ?? {};
  const response = render(entry, { ...example, headers });
  return (
    example.situations.includes('rate_limited') &&
    retryAfterSeconds(entry, response, NOW) === RETRY_AFTER_SECONDS
  );
}

function render(entry: ProviderEntry, example: Example, more: Partial<ExampleValues> = {}): ParsedResponse {
  return parseResponse(
    renderExample(example, {
      fields: sampleOf(entry),
      scopes: [],
      expiresAt: null,
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      now: NOW,
      ...more,
    }),
  );
}

function sampleOf({ auth, oauth2 }: ProviderEntry): Readonly<Record<string, string>> {
  const entered = makeSample(auth.fields, 'one');
  return { ...makeKeptSample(oauth2?.keep, 'one', entered), ...entered };
}
