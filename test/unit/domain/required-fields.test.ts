import { describe, expect, test } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import { requireFields } from '../../../shared/domain/credentials/accept.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { DomainError } from '../../../shared/domain/errors.ts';

function provider(auth: Provider['auth']): Provider {
  const trello = catalog.get('trello');
  if (!trello) throw new Error('The catalogue has no Trello.');
  return { ...trello, auth };
}

const field = { label: 'Key', secret: true, required: true };

function problemOf(decide: () => unknown) {
  try {
    decide();
  } catch (error) {
    if (error instanceof DomainError) return error.problem;
    throw error;
  }
  return undefined;
}

describe('the fields of a provider', () => {
  test('are not typed where the person authorises at the service', () => {
    const authorised = provider({ type: 'oauth2', fields: [] });
    for (const typed of [{}, { accessToken: 'made-up' }]) {
      const problem = problemOf(() => requireFields(authorised, new Credentials(typed)));
      expect(problem).toEqual({ code: 'authorization_required' });
    }
  });

  test('are read as the form and the request read them', () => {
    // What `v` reads as a difference of sets is no pattern at all to `u`.
    const letters = provider({
      type: 'api_key',
      fields: [{ ...field, name: 'key', pattern: '^[[a-z]--[m]]+$' }],
    });
    const problemWith = (key: string) => problemOf(() => requireFields(letters, new Credentials({ key })));
    expect(problemWith('abc')).toBeUndefined();
    expect(problemWith('mmm')).toMatchObject({ code: 'invalid_request' });
  });

  test('are all held against what was typed, and no value is told', () => {
    const strict = provider({
      type: 'custom',
      fields: [
        { ...field, name: 'key', pattern: '^[a-z]+$' },
        { ...field, name: 'needed' },
        { ...field, name: 'optional', required: false, pattern: '^x$' },
      ],
    });
    const faultsOf = (typed: Record<string, string>) => {
      const problem = problemOf(() => requireFields(strict, new Credentials(typed)));
      expect(JSON.stringify(problem ?? {})).not.toContain('VALUE');
      return problem?.code === 'invalid_request' ? problem.errors.map(({ path }) => path).toSorted() : [];
    };
    expect(faultsOf({ key: 'a', needed: 'VALUE' })).toEqual([]);
    expect(faultsOf({ key: 'a', needed: 'VALUE', optional: '' })).toEqual([]);
    expect(faultsOf({ key: 'VALUE', optional: 'VALUE', more: 'VALUE' })).toEqual([
      'credentials.key',
      'credentials.more',
      'credentials.needed',
      'credentials.optional',
    ]);
    expect(faultsOf({ key: 'a', needed: 'x', constructor: 'VALUE' })).toEqual(['credentials.constructor']);
  });
});
