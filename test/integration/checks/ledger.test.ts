import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { checkKey } from '../../../shared/adapters/aws/table/keys.ts';
import { type Scene, World } from '../protocols/world.ts';

const play = <T>(scene: (scene: Scene) => Promise<T>) => World.during((world) => world.play(scene));

const DAY_MS = 24 * 60 * 60 * 1000;
const MADE_AT = new Date('2026-11-02T08:30:00.000Z');

async function attributesOf({ place }: Scene, connectionId: string) {
  const { Item } = await place.table.send(
    new GetCommand({ TableName: place.tableName, Key: checkKey(connectionId), ConsistentRead: true }),
  );
  return Item ?? {};
}

async function keptUntil(scene: Scene, connectionId: string): Promise<number> {
  const { ttl } = z.object({ ttl: z.number() }).parse(await attributesOf(scene, connectionId));
  return ttl * 1000;
}

test('a last check is kept for 40 days after the last write, and so ends after its connection', () =>
  play(async (scene) => {
    const at = MADE_AT.toISOString();
    await scene.sound.recordCheck('con_1', at, { scheduledFor: at, at, outcome: 'ok' });
    expect(await keptUntil(scene, 'con_1')).toBe(MADE_AT.getTime() + 40 * DAY_MS);
    const next = new Date(MADE_AT.getTime() + DAY_MS).toISOString();
    await scene.sound.recordCheck('con_1', next, { scheduledFor: next, at: next, outcome: 'unavailable' });
    expect(await keptUntil(scene, 'con_1')).toBe(MADE_AT.getTime() + 41 * DAY_MS);
    await scene.sound.claimReport('con_2', { id: 'report', at: MADE_AT }, 5);
    expect(await keptUntil(scene, 'con_2')).toBe(MADE_AT.getTime() + 40 * DAY_MS);
  }));

test('a report stands for those of the next seconds, unless it is released', () =>
  play(async (scene) => {
    const { claimReport, releaseReport } = scene.sound;
    const reported = (seconds: number, id = `at ${seconds}`) =>
      claimReport('con_1', { id, at: new Date(MADE_AT.getTime() + seconds * 1000) }, 5);
    expect([await reported(0), await reported(0, 'another'), await reported(5)]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await reported(6), await reported(7)]).toEqual([true, false]);
    await releaseReport('con_1', { id: 'at 6', at: MADE_AT });
    expect(await reported(8)).toBe(true);
  }));
