import { renderExample } from '../../shared/catalog/examples.ts';
import { classify, parseResponse, type Rule, unmetCondition } from '../../shared/catalog/responses.ts';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';

/** Describes each rule, with the positions of the examples that it decides. */
export function describeRules(entry: ProviderEntry): readonly string[] {
  const responses = entry.examples.map((example) =>
    parseResponse(
      renderExample(example, {
        fields: {},
        scopes: [],
        expiresAt: null,
        retryAfterSeconds: 30,
        now: new Date(),
      }),
    ),
  );
  return entry.responseRules.map((rule, at) => {
    const decided = responses.flatMap((response, example) =>
      entry.responseRules.find((each) => unmetCondition(each, response) === undefined) === rule
        ? [example]
        : [],
    );
    const examples = decided.length === 0 ? 'decides no example' : `decides examples ${decided.join(', ')}`;
    return `  ${describeRule(rule, at)}; ${examples}`;
  });
}

/** Describes a rule by its conditions and outcome. */
function describeRule({ status, header, body, text, outcome }: Rule, at: number): string {
  const conditions = [
    status.join(' or '),
    ...(header ? [`header ${header.name}${oneOf(header.oneOf)}`] : []),
    ...(body ? [`body.${body.path}${oneOf(body.oneOf)}`] : []),
    ...(text ? [`text${oneOf(text)}`] : []),
  ];
  return `rule ${at}: ${conditions.join(', ')} -> ${outcome}`;
}

function oneOf(values: readonly unknown[] | undefined): string {
  return values === undefined ? '' : ` = ${values.map((value) => JSON.stringify(value)).join(' or ')}`;
}

/** Says what each rule makes of a response: that it matches and decides, or the condition that the response does not meet. */
export function explainResponse(
  entry: Pick<ProviderEntry, 'responseRules'>,
  response: ReturnType<typeof parseResponse>,
): readonly string[] {
  const unmet = entry.responseRules.map((rule) => unmetCondition(rule, response));
  const deciding = unmet.indexOf(undefined);
  const lines = entry.responseRules.map((rule, at) => {
    const result = unmet[at] === undefined ? 'matches' : `no: the ${unmet[at]} differs`;
    return `  ${describeRule(rule, at)}; ${at === deciding ? 'matches and decides' : result}`;
  });
  return [...lines, `  outcome: ${classify(entry, response)}`];
}
