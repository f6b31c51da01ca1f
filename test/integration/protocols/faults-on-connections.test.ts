import { describe, expect, test } from 'vitest';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { everyFault, testEveryFault } from '../../harness/every-fault.ts';
import { addConnection, renameOf } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { CONNECTION_SCENARIOS, RECOVERY_SCENARIOS } from './scenarios.ts';

const inDeployment = simulatedDeployments();

describe('with any fault at any call, nothing is lost, half done or done twice, and a repetition succeeds', {
  timeout: 120_000,
}, () => {
  testEveryFault(inDeployment, { ...CONNECTION_SCENARIOS, ...RECOVERY_SCENARIOS });
});

describe('the same with a second fault after the first, in a reconnect', { timeout: 120_000 }, () => {
  const { reconnect } = CONNECTION_SCENARIOS;
  if (!reconnect) throw new Error('There is no such scenario.');

  test.each([
    ['put', STORE_CALLS.put, 'timeout_after'],
    ['commit', { write: 2 }, 'server_error'],
    ['commit', { write: 2 }, 'timeout_after'],
  ] as const)('whose %s (%o) meets a lasting %s', async (_step, at, kind) => {
    expect(await everyFault(inDeployment, reconnect, { at, kind, lasting: true })).toEqual([]);
  });
});

describe('a write that DynamoDB refuses for now', () => {
  const renameWith = (kind: 'throttled' | 'contended', lasting: boolean) =>
    inDeployment(async (deployment) => {
      const id = await addConnection(deployment);
      const { ports } = deployment.process({ faults: [{ at: 'TransactWriteItemsCommand', kind, lasting }] });
      return (await renameOf(id, 'Another name').run(ports)).name;
    });

  test('is repeated after another transaction was in its way', async () => {
    expect(await renameWith('contended', false)).toBe('Another name');
  });

  test('is refused as busy when every attempt was throttled', async () => {
    await expect(renameWith('throttled', true)).rejects.toMatchObject({ problem: { code: 'busy' } });
  });
});
