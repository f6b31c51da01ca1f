import { isDeepStrictEqual } from 'node:util';
import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { everyFault } from '../../harness/every-fault.ts';
import { everyInterleaving, type PairScenario, type Side } from '../../harness/interleavings.ts';
import { addConnection, checkOf, disconnectOf, renameOf } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import type { StoredState } from '../../harness/stored-state.ts';

const inDeployment = simulatedDeployments();

const keyed = z.looseObject({ pk: z.string(), sk: z.string() });
type Item = z.output<typeof keyed>;

/** Attributes that an index, defined later, would read: keys alone, and what a search filters by. */
const LATER = ['statusKey', 'nameKey', 'searchKey', 'foldedName', 'checkSlot', 'userKey'];

/** Reads and writes items as they are. */
async function withItems<T>(
  { name: TableName, table: client }: SimulatedDeployment,
  use: (items: { all(): Promise<readonly Item[]>; put(item: Item): Promise<unknown> }) => Promise<T>,
): Promise<T> {
  return use({
    all: async () =>
      ((await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? []).map((item) =>
        keyed.parse(item),
      ),
    put: (Item) => client.send(new PutCommand({ TableName, Item })),
  });
}

const itemsOf = (deployment: SimulatedDeployment) => withItems(deployment, ({ all }) => all());

/** Makes all items as releases before these indexes wrote them. Returns the items with all attributes. */
const age = (deployment: SimulatedDeployment) =>
  withItems(deployment, async ({ all, put }) => {
    const items = await all();
    for (const item of items) {
      const entries = Object.entries(item).filter(([name]) => !LATER.includes(name));
      await put(keyed.parse(Object.fromEntries(entries)));
    }
    return items;
  });

/** Adds connections and a member, all without the later attributes. Returns their items with all attributes. */
async function addAged(deployment: SimulatedDeployment, users: readonly string[]): Promise<readonly Item[]> {
  for (const user of users) await addConnection(deployment, { user, flow: `flow-${user}` });
  await deployment.faultless.members.put(PROJECT, 'ada', 'member');
  return age(deployment);
}

const byKey = (items: readonly Item[]) => new Map(items.map((item) => [`${item.pk} ${item.sk}`, item]));

describe('a run that fills keys', { timeout: 120_000 }, () => {
  test('gives each item what a new one would have, and changes nothing else', () =>
    inDeployment(async (deployment) => {
      const items = await addAged(deployment, ['ada', 'grace', 'linus']);
      expect(byKey(await itemsOf(deployment))).not.toEqual(byKey(items));
      expect(await deployment.faultless.fillKeys()).toMatchObject({ filled: 4, failures: [] });
      expect(byKey(await itemsOf(deployment))).toEqual(byKey(items));
      expect(await deployment.faultless.fillKeys()).toMatchObject({ filled: 0, failures: [] });
    }));

  test('finds nothing to do where every item was written by this release', () =>
    inDeployment(async (deployment) => {
      const id = await addConnection(deployment);
      await renameOf(id, 'Other').run(deployment.faultless);
      await checkOf(id).run(deployment.faultless);
      expect(await deployment.faultless.fillKeys()).toMatchObject({ filled: 0, failures: [] });
    }));

  test('removes a key that an item should not have any more', () =>
    inDeployment(async (deployment) => {
      await addConnection(deployment);
      const before = byKey(await itemsOf(deployment));
      await withItems(deployment, async ({ all, put }) => {
        const item = (await all()).find(({ summary }) => summary !== undefined);
        if (item)
          await put({ ...item, expiringKey: `${PROJECT}#expiring`, statusKey: `${PROJECT}#inactive` });
      });
      expect(await deployment.faultless.fillKeys()).toMatchObject({ filled: 1 });
      expect(byKey(await itemsOf(deployment))).toEqual(before);
    }));

  test('reports an item that it cannot read, and fills the others', () =>
    inDeployment(async (deployment) => {
      await addAged(deployment, ['ada', 'grace']);
      const broken = { pk: `PROJECT#${PROJECT}`, sk: 'CON#con_broken', summary: 'no JSON' };
      await withItems(deployment, ({ put }) => put(broken));
      const report = await deployment.faultless.fillKeys();
      expect(report).toMatchObject({ filled: 3, failures: [{ key: { pk: broken.pk, sk: broken.sk } }] });
    }));

  test('meets any fault at any call, a crash too, and the next run does the rest', async () => {
    const violations = await everyFault(inDeployment, async (deployment) => {
      const items = await addAged(deployment, ['ada', 'grace']);
      return {
        run: async ({ ports }) => (await ports.fillKeys()).failures.length === 0,
        async verify({ isDone }) {
          const { filled, failures } = await deployment.faultless.fillKeys();
          const same = byKey(items);
          const now = byKey(await itemsOf(deployment));
          return [
            ...(isDone && filled > 0 ? [`${filled} items were left out`] : []),
            ...(failures.length > 0 ? ['the next run failed'] : []),
            ...[...same].flatMap(([key, item]) =>
              isDeepStrictEqual(item, now.get(key)) ? [] : [`${key} differs`],
            ),
            ...(now.size === same.size ? [] : [`${now.size} items, not ${same.size}`]),
          ];
        },
      };
    });
    expect(violations).toEqual([]);
  });

  test('continues after the pages that an interrupted run has done', () =>
    inDeployment(async (deployment) => {
      const { faultless } = deployment;
      const users = Array.from({ length: 1_100 }, (_, index) => `user-${index}`);
      await Promise.all(users.map((user) => faultless.members.put(PROJECT, user, 'member')));
      // The checkpoint of the first page is the first write, as no item lacks a key.
      const crashing = deployment.process({
        faults: [{ at: { write: 0 }, kind: 'crash_after', lasting: false }],
      });
      await expect(crashing.ports.fillKeys()).rejects.toThrow();
      const { kept } = await faultless.fillKeys();
      expect(kept).toBe(users.length - 500);
    }));
});

/** Every connection of the state has the keys that its fields require. */
function isFilled({ connections }: StoredState): boolean {
  return connections.every(({ id, projectId, item: { summary }, attributes }) => {
    const { statusKey, nameKey, searchKey } = attributes;
    const name = `${summary.name.toLowerCase()}\u0001${id}`;
    return statusKey === `${projectId}#${summary.status}` && nameKey === name && searchKey === projectId;
  });
}

const FILL: Side = {
  run: async (ports) => {
    const { failures } = await ports.fillKeys();
    if (failures.length > 0) throw failures[0]?.error;
  },
  count: (state) => Number(isFilled(state)),
};

/** Runs a run that fills keys beside an operation on one of the connections that it fills. */
function besideFilling(
  operation: (id: string) => Side,
  { isFirst = true, connections = [1] } = {},
): PairScenario {
  return async (deployment) => {
    const id = await addConnection(deployment);
    await age(deployment);
    const other = operation(id);
    return { sides: isFirst ? [FILL, other] : [other, FILL], connections };
  };
}

test.each<[string, PairScenario]>([
  ['a rename', besideFilling((id) => renameOf(id, 'Other'))],
  ['a rename before it', besideFilling((id) => renameOf(id, 'Other'), { isFirst: false })],
  ['a disconnect', besideFilling((id) => disconnectOf(id), { connections: [0] })],
  ['a disconnect before it', besideFilling((id) => disconnectOf(id), { isFirst: false, connections: [0] })],
  ['another run', besideFilling(() => FILL)],
])('filling and %s end well in every order of their calls', { timeout: 120_000 }, async (_name, pair) => {
  expect(await everyInterleaving(inDeployment, pair)).toEqual([]);
});
