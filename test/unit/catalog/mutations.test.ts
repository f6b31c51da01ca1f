import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { classify, parseResponse } from '../../../shared/catalog/responses.ts';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { validateEntry } from '../../../shared/catalog/validate.ts';
import { RESPONSE_OUTCOMES } from '../../../shared/domain/terms.ts';

type Rule = ProviderEntry['responseRules'][number];

/** A change that makes an entry wrong, in words. */
interface Mutation {
  readonly what: string;
  readonly entry: unknown;
}

/** The rule that says what any response with 429 means without a rule. */
const isDefault = ({ status, header, body, text, outcome }: Rule) =>
  outcome === 'rate_limited' &&
  status.every((code) => code === 429) &&
  [header, body, text].every((condition) => condition === undefined);

const tooManyRequests = parseResponse({ status: 429, headers: {}, body: '{}' });

/** By an example, or because 429 is no limit any more, which it is at every provider. */
function isNoticed(input: unknown): boolean {
  const result = validateEntry(input);
  return result.issues !== undefined || classify(result.entry, tooManyRequests) !== 'rate_limited';
}

/** Each rule left out, and with each other outcome. */
function mutatedRules(entry: ProviderEntry): Mutation[] {
  const { responseRules } = entry;
  return responseRules.flatMap((rule, at) => {
    const replaced = (...rules: Rule[]) => ({
      ...entry,
      responseRules: responseRules.toSpliced(at, 1, ...rules),
    });
    const name = `rule ${at}`;
    const others = RESPONSE_OUTCOMES.filter((outcome) => outcome !== rule.outcome);
    return [
      ...(isDefault(rule) ? [] : [{ what: `${name} left out`, entry: replaced() }]),
      ...others.map((outcome) => ({
        what: `${name} with ${outcome}`,
        entry: replaced({ ...rule, outcome }),
      })),
    ];
  });
}

/** Each reading from another place, and each wait in another unit. */
function mutatedReadings(entry: ProviderEntry): Mutation[] {
  const { account, expiry, retryAfter, derived = {} } = entry;
  const nowhere = 'body.no.such.value';
  const units = (['seconds', 'epoch_seconds', 'epoch_milliseconds'] as const).filter(
    (unit) => unit !== retryAfter?.unit,
  );
  return [
    ...(account === null
      ? []
      : [{ what: 'another account id', entry: { ...entry, account: { ...account, id: `{${nowhere}}` } } }]),
    ...(expiry
      ? [{ what: 'another expiry', entry: { ...entry, expiry: { ...expiry, read: nowhere } } }]
      : []),
    ...(retryAfter
      ? [
          { what: 'another wait', entry: { ...entry, retryAfter: { ...retryAfter, read: nowhere } } },
          ...units.map((unit) => ({
            what: `a wait in ${unit}`,
            entry: { ...entry, retryAfter: { ...retryAfter, unit } },
          })),
        ]
      : []),
    ...Object.keys(derived).map((name) => ({
      what: `${name} from no field`,
      entry: { ...entry, derived: { ...derived, [name]: { ...derived[name], from: 'nosuchfield' } } },
    })),
  ];
}

/** Each situation without its examples, and each example with a status that nothing documents. */
function mutatedExamples(entry: ProviderEntry): Mutation[] {
  const { examples } = entry;
  return examples.flatMap((example, at) => {
    const isSilent = example.situations.every((situation) =>
      ['missing', 'header_missing'].includes(situation),
    );
    return isSilent
      ? []
      : [
          {
            what: `example ${at} with status 418`,
            entry: { ...entry, examples: examples.with(at, { ...example, status: 418 }) },
          },
        ];
  });
}

/**
 * Documented responses notice each wrong rule and reading: an entry that a mistake leaves valid would be wrong in
 * production first. A rule that no example depends on needs an example of its own.
 */
describe.each(builtInProviders().map(({ entry }) => entry))('the validation of $id', (entry) => {
  it('notices every mutation', () => {
    expect(validateEntry(entry).issues).toBeUndefined();
    const mutations = [...mutatedRules(entry), ...mutatedReadings(entry), ...mutatedExamples(entry)];
    const unnoticed = mutations.filter((mutation) => !isNoticed(mutation.entry));
    expect(unnoticed.map(({ what }) => what)).toEqual([]);
  });
});
