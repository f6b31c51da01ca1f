import { describe, expect, test } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import { requireFields } from '../../../shared/domain/credentials/accept.ts';
import { DomainError } from '../../../shared/domain/errors.ts';

function provider(auth: Provider['auth']): Provider {
  const trello = catalog.get('trello');
  if (!trello) throw new Error('The catalog has no Trello.');
  return { ...trello, auth };
}

const field = { label: 'Key', secret: true, required: true };

function problemOf(act: () => unknown) {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return error.problem;
    throw error;
  }
  return undefined;
}

describe('entered credentials', () => {
  test('are matched with the patterns of HTML forms (the `v` flag)', () => {
    // A difference of sets; with the `u` flag this pattern is invalid.
    const letters = provider({
      type: 'api_key',
      fields: [{ ...field, name: 'key', pattern: '^[[a-z]--[m]]+$' }],
    });
    const problemWith = (key: string) => problemOf(() => requireFields(letters, { key }, 'credentials'));
    expect(problemWith('abc')).toBeUndefined();
    expect(problemWith('mmm')).toMatchObject({ code: 'invalid_request' });
  });

  test('are checked field by field, and no issue repeats a value', () => {
    const strict = provider({
      type: 'custom',
      fields: [
        { ...field, name: 'key', pattern: '^[a-z]+$' },
        { ...field, name: 'needed' },
        { ...field, name: 'optional', required: false, pattern: '^x$' },
      ],
    });
    const issuePaths = (entered: Record<string, string>) => {
      const problem = problemOf(() => requireFields(strict, entered, 'credentials'));
      expect(JSON.stringify(problem ?? {})).not.toContain('VALUE');
      return problem?.code === 'invalid_request' ? problem.errors.map(({ path }) => path).toSorted() : [];
    };
    expect(issuePaths({ key: 'a', needed: 'VALUE' })).toEqual([]);
    expect(issuePaths({ key: 'a', needed: 'VALUE', optional: '' })).toEqual([]);
    expect(issuePaths({ key: 'VALUE', optional: 'VALUE', more: 'VALUE' })).toEqual([
      'credentials.key',
      'credentials.more',
      'credentials.needed',
      'credentials.optional',
    ]);
    expect(issuePaths({ key: 'a', needed: 'x', constructor: 'VALUE' })).toEqual(['credentials.constructor']);
  });
});
