import { expect, test } from 'vitest';
import type { Connection } from '../../../shared/domain/model/connection.ts';
import type { Page } from '../../../shared/domain/paging.ts';
import { PROJECT } from '../../harness/deployment.ts';
import { listAs } from '../../harness/invocations.ts';
import { addConnection } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Lists as a user. Returns the status and the calls of DynamoDB, those that the response left behind included. */
async function callsOf(userId: string, query: string) {
  return inDeployment(async (deployment) => {
    await addConnection(deployment);
    await deployment.faultless.members.put(PROJECT, 'ada', 'member');
    const calls: string[] = [];
    const { ports } = deployment.process({
      beforeCall: async ({ command }) => {
        calls.push(command);
        return undefined;
      },
    });
    const pages: Promise<Page<Connection>>[] = [];
    const list: typeof ports.connections.list = (of) => {
      const page = ports.connections.list(of);
      pages.push(page);
      return page;
    };
    const { statusCode } = await listAs(userId, PROJECT, query, {
      ...ports,
      connections: { ...ports.connections, list },
    });
    await Promise.allSettled(pages);
    return [statusCode, calls];
  });
}

const AUTHORIZATION = 'BatchGetItemCommand';
const PAGE = 'QueryCommand';
const NAMES = 'QueryCommand';
const MATCHES = 'BatchGetItemCommand';

test('a page is read while its request is being authorized', async () => {
  expect(await callsOf('ada', '')).toEqual([200, [AUTHORIZATION, PAGE]]);
  expect(await callsOf('stranger', '')).toEqual([404, [AUTHORIZATION, PAGE]]);
});

test('a search reads no more than its first names for a request that is refused', async () => {
  expect(await callsOf('ada', 'q=old')).toEqual([200, [AUTHORIZATION, NAMES, MATCHES]]);
  expect(await callsOf('stranger', 'q=old')).toEqual([404, [AUTHORIZATION, NAMES]]);
});
