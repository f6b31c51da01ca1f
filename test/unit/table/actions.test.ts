import { describe, expect, test } from 'vitest';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import { Expression } from '../../../shared/adapters/aws/table/expression.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const AT = '2026-03-03T14:05:59.000Z';
const connection = newConnection(AT);
const stored = newStoredConnection(connection);

describe('an update', () => {
  test('without changes is refused, as DynamoDB would', () => {
    expect(() => new Expression().update()).toThrow('must change something');
  });

  test('of every item of a unit changes something, even when nothing is new', () => {
    const intent = { connectionId: connection.id, projectId: 'demo', expiresAt: AT, abandoned: false };
    const flow = { projectId: 'demo', id: 'f', name: 'F', integrations: [], revision: 1 };
    const actions = actionsOf({
      connections: [{ before: stored, after: stored }],
      flow: { before: flow, after: flow },
      intent: { before: intent, after: intent },
    });
    const updates = actions.flatMap((action) => ('Update' in action ? [action.Update] : []));
    // None for the project's counts, which do not change.
    expect(updates).toHaveLength(3);
    for (const { UpdateExpression } of updates) expect(UpdateExpression).toMatch(/^SET #/);
  });
});

test('a flow writes the steps and uses that changed, and no others', () => {
  const step = (stepId: string, connectionId: string) => ({ stepId, providerId: 'trello', connectionId });
  const flow = { projectId: 'demo', id: 'f', name: 'F', revision: 1 };
  const before = {
    ...flow,
    integrations: [step('gone', 'con_1'), step('kept', 'con_2'), step('moved', 'con_2')],
  };
  const after = {
    ...flow,
    integrations: [step('kept', 'con_2'), step('moved', 'con_3'), step('new', 'con_3')],
  };
  const actions = actionsOf({ connections: [], flow: { before, after } });
  const written = actions.map((action) => JSON.stringify(action));
  expect(written).toEqual([
    expect.stringMatching(/^{"Update"/),
    expect.stringMatching(/^{"Delete".*gone/),
    expect.stringMatching(/^{"Put".*moved.*con_3/),
    expect.stringMatching(/^{"Put".*new.*con_3/),
    expect.stringMatching(/^{"Delete".*con_1/),
    expect.stringMatching(/^{"Put".*con_3/),
  ]);
});
