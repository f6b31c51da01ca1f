import { isDeepStrictEqual } from 'node:util';

/**
 * Whether a record fits a Lambda filter pattern. Of AWS's operators it knows equality and `prefix`, which are all
 * that our patterns use.
 *
 * @throws Error for any other operator.
 */
export function fits(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((rule) => passes(rule, value));
  if (!isRecord(pattern)) throw new Error('A filter pattern holds objects and lists of rules.');
  return isRecord(value) && Object.entries(pattern).every(([key, inner]) => fits(inner, value[key]));
}

function passes(rule: unknown, value: unknown): boolean {
  if (!isRecord(rule)) return isDeepStrictEqual(rule, value);
  const prefix = rule.prefix;
  if (typeof prefix !== 'string') throw new Error(`Unknown rule in a filter pattern: ${Object.keys(rule)}`);
  return typeof value === 'string' && value.startsWith(prefix);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
