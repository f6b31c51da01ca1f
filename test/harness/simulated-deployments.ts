import { afterEach, beforeEach } from 'vitest';
import { SimulatedDeployment } from './deployment.ts';
import { SimulatedServices } from './services.ts';

/** Runs work in a deployment of its own, and removes the deployment afterwards. */
export type InDeployment = <T>(work: (deployment: SimulatedDeployment) => Promise<T>) => Promise<T>;

/**
 * Starts the services that simulated deployments share before each test of the calling file or block: a real
 * DynamoDB engine in memory, and stand-ins for Secrets Manager, SQS, SNS, EventBridge and the providers. Each test has
 * its own, because the engine's writes slow down with every stream record that it keeps.
 */
export function simulatedDeployments(): InDeployment {
  let services: SimulatedServices | undefined;
  beforeEach(async () => {
    services = await SimulatedServices.start();
  });
  afterEach(() => services?.close());
  return async (work) => {
    if (!services) throw new Error('Deployments exist only while a test runs.');
    const deployment = await SimulatedDeployment.create(services);
    try {
      return await work(deployment);
    } finally {
      deployment.close();
    }
  };
}
