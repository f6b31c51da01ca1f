import { describe } from 'vitest';
import { testEveryFault } from '../../harness/every-fault.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { ENGINE_SCENARIOS, MESSAGE_SCENARIOS } from './message-scenarios.ts';

const inDeployment = simulatedDeployments();

describe('with any fault at any call, no event, notice or report is lost, and none is repeated without need', {
  timeout: 60_000,
}, () => {
  testEveryFault(inDeployment, { ...MESSAGE_SCENARIOS, ...ENGINE_SCENARIOS });
});
