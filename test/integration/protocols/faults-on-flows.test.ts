import { describe } from 'vitest';
import { testEveryFault } from '../../harness/every-fault.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { FLOW_SCENARIOS } from './scenarios.ts';

const inDeployment = simulatedDeployments();

describe('with any fault at any call, nothing is lost, half done or done twice, and a repetition succeeds', {
  timeout: 120_000,
}, () => {
  testEveryFault(inDeployment, FLOW_SCENARIOS);
});
