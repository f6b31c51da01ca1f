import { isDeepStrictEqual } from 'node:util';

/**
 * Matches a value against a Lambda filter pattern or an EventBridge pattern. Of AWS's operators it has equality and
 * `prefix`, the only ones in our patterns.
 *
 * @throws Error for any other operator.
 */
export function matchesPattern(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return pattern.some((rule) => matchesRule(rule, value));
  if (!isRecord(pattern)) throw new Error('A pattern consists of objects and lists of rules.');
  return (
    isRecord(value) && Object.entries(pattern).every(([key, inner]) => matchesPattern(inner, value[key]))
  );
}

function matchesRule(rule: unknown, value: unknown): boolean {
  if (!isRecord(rule)) return isDeepStrictEqual(rule, value);
  const prefix = rule.prefix;
  if (typeof prefix !== 'string') throw new Error(`Unknown operator in a pattern: ${Object.keys(rule)}`);
  return typeof value === 'string' && value.startsWith(prefix);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
