import { describe, expect, test } from 'vitest';
import { everyFault } from './every-fault.ts';
import { ENGINE_STAGES, MESSAGE_STAGES } from './message-stages.ts';
import { Surroundings } from './surroundings.ts';

describe('whatever befalls one call, no event, notice or report is lost, and none is doubled without need', {
  timeout: 60_000,
}, () => {
  test.each(Object.entries({ ...MESSAGE_STAGES, ...ENGINE_STAGES }))('%s', async (_name, stage) => {
    expect(await Surroundings.during((surroundings) => everyFault(surroundings, stage))).toEqual([]);
  });
});
