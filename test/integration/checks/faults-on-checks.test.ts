import { describe } from 'vitest';
import { testEveryFault } from '../../harness/every-fault.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { SCHEDULE_SCENARIOS, WORKER_SCENARIOS } from './check-scenarios.ts';

const inDeployment = simulatedDeployments();

describe('with any fault at any call, every check is made and every status is right in the end', {
  timeout: 60_000,
}, () => {
  testEveryFault(inDeployment, { ...WORKER_SCENARIOS, ...SCHEDULE_SCENARIOS });
});
