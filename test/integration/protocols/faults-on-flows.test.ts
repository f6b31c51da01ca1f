import { describe, expect, test } from 'vitest';
import { everyFault } from './one-fault.ts';
import { CONNECTION_STAGES, FLOW_STAGES } from './stages.ts';
import { World } from './world.ts';

describe('whatever befalls one call, nothing is lost, half done or doubled, and a second try succeeds', {
  timeout: 60_000,
}, () => {
  test.each(Object.entries(FLOW_STAGES))('%s', async (_name, stage) => {
    expect(await World.during((world) => everyFault(world, stage))).toEqual([]);
  });
});

describe('nor when a second fault comes while the first is cleaned up after', { timeout: 60_000 }, () => {
  const { reconnect } = CONNECTION_STAGES;
  if (!reconnect) throw new Error('There is no such stage.');

  test.each([
    { at: 'PutSecretValueCommand', kind: 'timeout_after', lasting: true },
    { at: 6, kind: 'server_error', lasting: true },
    { at: 6, kind: 'timeout_after', lasting: true },
  ] as const)('a reconnect whose call $at meets a lasting $kind', async (given) => {
    expect(await World.during((world) => everyFault(world, reconnect, given))).toEqual([]);
  });
});
