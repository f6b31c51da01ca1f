import { describe, expect, test } from 'vitest';
import { DomainError } from '../../../shared/domain/errors.ts';
import { parseLine, toImported } from '../../../tools/move/form.ts';

const LINE = {
  id: 'crm-1',
  provider: 'trello',
  connectedAt: '2024-01-02T03:04:05Z',
  flows: [{ id: 'flow', name: 'Flow', steps: ['step'] }],
  credentials: { apiKey: 'key', token: 'secret' },
};

/** Returns the issues of a line as `path: message`. */
function issuesOf(line: unknown): readonly string[] {
  try {
    parseLine(typeof line === 'string' ? line : JSON.stringify(line));
    return [];
  } catch (error) {
    if (!(error instanceof DomainError) || error.problem.code !== 'invalid_request') throw error;
    return error.problem.errors.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('a line', () => {
  test('needs no more than an id, a provider, a time, flows and credentials', () => {
    const line = parseLine(JSON.stringify(LINE));
    const { credentials, ...imported } = toImported('project', line, {
      credentials: line.credentials ?? fail(),
    });
    expect(credentials.reveal()).toEqual(LINE.credentials);
    expect(imported).toEqual({
      ...{
        projectId: 'project',
        platformId: 'crm-1',
        providerId: 'trello',
        flows: LINE.flows,
        account: null,
      },
      status: { status: 'active', statusReason: null },
      ...{ connectedAt: '2024-01-02T03:04:05.000Z', reconnectedAt: null, lastCheckedAt: null },
      ...{ name: undefined, statusSince: undefined, createdBy: undefined, clientId: undefined },
      ...{ expiresAt: undefined, accessTokenExpiresAt: undefined },
    });
  });

  test('may have times in any zone, and a name that needs trimming', () => {
    const line = parseLine(
      JSON.stringify({ ...LINE, name: ' Board ', connectedAt: '2024-01-02T03:04:05.678+02:00' }),
    );
    expect(line).toMatchObject({ name: 'Board', connectedAt: '2024-01-02T01:04:05.678Z' });
  });

  test.each([
    ['no JSON', '{"id":', [': is not valid JSON; the line may be cut']],
    ['no object', '[]', [expect.stringMatching(/^: /)]],
    ['an unknown field', { ...LINE, apiKey: 'secret' }, [': has a field that is not known here']],
    ['an id with a slash', { ...LINE, id: 'a/b' }, [expect.stringMatching(/^id: must be 1 to 128/)]],
    ['a date', { ...LINE, connectedAt: '2024-01-02' }, [expect.stringMatching(/^connectedAt: /)]],
    ['no flows', { ...LINE, flows: [] }, [expect.stringMatching(/^flows: /)]],
    ['a step twice', withFlows({ steps: ['a', 'a'] }), ['flows.0.steps: must be distinct']],
    ['a flow twice', { ...LINE, flows: [...LINE.flows, ...LINE.flows] }, ['flows: must have distinct ids']],
    ['a flow without steps', withFlows({ steps: [] }), [expect.stringMatching(/^flows.0.steps: /)]],
    [
      'an inactive status without reason',
      { ...LINE, status: 'inactive' },
      ['statusReason: is required for an inactive connection, and for no other'],
    ],
    [
      'a reason without inactive status',
      { ...LINE, statusReason: 'access_revoked' },
      ['statusReason: is required for an inactive connection, and for no other'],
    ],
    [
      'neither credentials nor a sealed part',
      { ...LINE, credentials: undefined },
      ['credentials: are required, unless they are sealed'],
    ],
    [
      'credentials and a sealed part',
      { ...LINE, sealed: 'x' },
      ['credentials: are required, unless they are sealed'],
    ],
    [
      'a credential as a name',
      { ...LINE, credentials: { 'sk-secret': 'x' } },
      [expect.stringMatching(/^credentials: (?!.*sk-)/)],
    ],
    [
      'a number as credential',
      { ...LINE, credentials: { token: 5 } },
      [expect.stringMatching(/^credentials: /)],
    ],
  ])('with %s is refused', (_name, line, issues) => {
    expect(issuesOf(line)).toEqual(issues);
  });

  function withFlows(changes: object) {
    return { ...LINE, flows: [{ ...LINE.flows[0], ...changes }] };
  }
});

function fail(): never {
  throw new Error('The line has no credentials.');
}
