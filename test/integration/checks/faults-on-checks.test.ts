import { describe, expect, test } from 'vitest';
import { SCHEDULE_STAGES, WORKER_STAGES } from './check-stages.ts';
import { everyFault } from './every-fault.ts';
import { Surroundings } from './surroundings.ts';

describe('whatever befalls one call, every check is made, and every status is right in the end', {
  timeout: 60_000,
}, () => {
  test.each(Object.entries({ ...WORKER_STAGES, ...SCHEDULE_STAGES }))('%s', async (_name, stage) => {
    expect(await Surroundings.during((surroundings) => everyFault(surroundings, stage))).toEqual([]);
  });
});
