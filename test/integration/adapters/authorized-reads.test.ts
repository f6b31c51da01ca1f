import { expect, test } from 'vitest';
import { PROJECT } from '../../harness/deployment.ts';
import { listAs } from '../../harness/invocations.ts';
import { addConnection } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Lists as a user, and returns the status with the number of pages that were asked for. */
async function listCounting(userId: string, query: string) {
  return inDeployment(async (deployment) => {
    const { faultless } = deployment;
    await addConnection(deployment);
    await faultless.members.put(PROJECT, 'ada', 'member');
    const queries: unknown[] = [];
    const list: typeof faultless.connections.list = (of) => {
      queries.push(of);
      return faultless.connections.list(of);
    };
    const ports = { ...faultless, connections: { ...faultless.connections, list } };
    const { statusCode } = await listAs(userId, PROJECT, query, ports);
    return [statusCode, queries.length];
  });
}

test('a page is read while its request is being authorized', async () => {
  expect(await listCounting('ada', '')).toEqual([200, 1]);
  expect(await listCounting('stranger', '')).toEqual([404, 1]);
});

test('a search, which may read all names of a project, is made for members only', async () => {
  expect(await listCounting('ada', 'q=a')).toEqual([200, 1]);
  expect(await listCounting('stranger', 'q=a')).toEqual([404, 0]);
});
