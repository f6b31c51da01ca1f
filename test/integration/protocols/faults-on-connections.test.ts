import { describe, expect, test } from 'vitest';
import { everyFault } from './one-fault.ts';
import { makeConnection, rename } from './operations.ts';
import { CONNECTION_STAGES, SWEEP_STAGES } from './stages.ts';
import { World } from './world.ts';

describe('whatever befalls one call, nothing is lost, half done or doubled, and a second try succeeds', {
  timeout: 60_000,
}, () => {
  test.each(Object.entries({ ...CONNECTION_STAGES, ...SWEEP_STAGES }))('%s', async (_name, stage) => {
    expect(await World.during((world) => everyFault(world, stage))).toEqual([]);
  });
});

describe('a write that DynamoDB refuses for now', () => {
  const renamed = (kind: 'throttled' | 'contended', lasting: boolean) =>
    World.during((world) =>
      world.play(async (scene) => {
        const id = await makeConnection(scene, 'flow');
        const { ports } = scene.process({ faults: [{ at: 'TransactWriteItemsCommand', kind, lasting }] });
        return (await rename(id, 'Another name')(ports)).name;
      }),
    );

  test('is tried again where another transaction is in its way', async () => {
    expect(await renamed('contended', false)).toBe('Another name');
  });

  test('is told as busy once every attempt was throttled', async () => {
    await expect(renamed('throttled', true)).rejects.toMatchObject({ problem: { code: 'busy' } });
  });
});
