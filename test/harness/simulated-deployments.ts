import { afterEach, beforeEach } from 'vitest';
import { SimulatedDeployment } from './deployment.ts';
import { SimulatedServices } from './services.ts';
import { DynamoDbStandIn } from './table-stand-in/dynamodb.ts';

/** Runs work in a deployment of its own, and removes the deployment afterwards. */
export type InDeployment = <T>(work: (deployment: SimulatedDeployment) => Promise<T>) => Promise<T>;

/**
 * Starts the services that simulated deployments share before each test of the calling file or block: stand-ins for
 * DynamoDB, Secrets Manager, SQS, SNS, EventBridge and the providers.
 *
 * @param createTables creates the stand-in for DynamoDB.
 */
export function simulatedDeployments(createTables = () => new DynamoDbStandIn()): InDeployment {
  let services: SimulatedServices | undefined;
  beforeEach(async () => {
    services = await SimulatedServices.start(createTables());
  });
  afterEach(() => services?.close());
  return async (work) => {
    if (!services) throw new Error('Deployments exist only while a test runs.');
    const deployment = SimulatedDeployment.create(services);
    try {
      return await work(deployment);
    } finally {
      deployment.close();
    }
  };
}
