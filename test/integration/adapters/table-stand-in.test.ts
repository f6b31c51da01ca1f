import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { advanceDeletions } from '../../../shared/domain/projects/advance.ts';
import { deleteProject } from '../../../shared/domain/projects/delete.ts';
import { restoreProject } from '../../../shared/domain/projects/restore.ts';
import { PROJECT } from '../../harness/deployment.ts';
import { everyInterleaving } from '../../harness/interleavings.ts';
import { addExpired, BOX, refreshOf } from '../../harness/oauth-operations.ts';
import { addConnection, DELETION, endDeletion, migrationOf, renameOf } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { EngineComparison } from '../../harness/table-stand-in/comparison.ts';
import { DynamoDbStandIn } from '../../harness/table-stand-in/dynamodb.ts';
import { SCHEDULE_SCENARIOS, WORKER_SCENARIOS } from '../checks/check-scenarios.ts';
import { ENGINE_SCENARIOS, MESSAGE_SCENARIOS } from '../checks/message-scenarios.ts';
import { CONNECTION_SCENARIOS, FLOW_SCENARIOS, RECOVERY_SCENARIOS } from '../protocols/scenarios.ts';
import { requestsOn } from './table-requests.ts';

/** Remembers its tables, and its requests in the order in which they took effect. */
class RecordingStandIn extends DynamoDbStandIn {
  readonly tables: string[] = [];
  readonly requests: (readonly [operation: string, request: object])[] = [];

  override createTable(name: string): void {
    this.tables.push(name);
    super.createTable(name);
  }

  override perform(operation: string, body: string): object {
    this.requests.push([operation, JSON.parse(body)]);
    return super.perform(operation, body);
  }
}

let comparison: EngineComparison;

beforeAll(async () => {
  comparison = await EngineComparison.start(new DynamoDbStandIn());
});
afterAll(() => comparison.close());

describe('the stand-in for DynamoDB responds as the engine', () => {
  let recorded: RecordingStandIn;
  const inDeployment = simulatedDeployments(() => {
    recorded = new RecordingStandIn();
    return recorded;
  });

  /** Repeats what was recorded with the engine beside the stand-in. */
  async function repeatWithEngine() {
    for (const table of recorded.tables) await comparison.createTable(table);
    for (const [operation, request] of recorded.requests) await comparison.request(operation, request);
    for (const table of recorded.tables) await comparison.compareTable(table);
  }

  test.each(
    Object.entries({
      ...{ ...CONNECTION_SCENARIOS, ...FLOW_SCENARIOS, ...RECOVERY_SCENARIOS },
      ...{ ...WORKER_SCENARIOS, ...SCHEDULE_SCENARIOS, ...MESSAGE_SCENARIOS, ...ENGINE_SCENARIOS },
    }),
  )('in the scenario: %s', async (_name, scenario) => {
    await inDeployment(async (deployment) => {
      const { run, verify } = await scenario(deployment);
      const isDone = await run(deployment.process());
      expect(await verify({ isDone })).toEqual([]);
    });
    await repeatWithEngine();
  });

  test('in every order of the calls of two renames', async () => {
    const violations = await everyInterleaving(inDeployment, async (deployment) => {
      const id = await addConnection(deployment);
      return { sides: [renameOf(id, 'One'), renameOf(id, 'Other')], connections: [1] };
    });
    expect(violations).toEqual([]);
    await repeatWithEngine();
  });

  test('in a refresh, a migration and the deletion of the project', async () => {
    await inDeployment(async (deployment) => {
      const id = await addExpired(deployment, { providerId: BOX });
      await refreshOf(id).run(deployment.faultless);
      await migrationOf(id).run(deployment.faultless);
      await deployment.recover();
      await DELETION.run(deployment.faultless);
      await restoreProject(PROJECT, deployment.faultless);
      await advanceDeletions(deployment.faultless);
      await deleteProject(PROJECT, deployment.faultless);
      await endDeletion(deployment);
    });
    await repeatWithEngine();
  });
});

test('the stand-in for DynamoDB responds as the engine to generated requests of the forms that adapters send', async () => {
  const table = randomUUID();
  await comparison.createTable(table);
  const property = fc.asyncProperty(requestsOn(table), async (requests) => {
    for (const [operation, request] of requests) await comparison.request(operation, request);
  });
  await fc.assert(property, { numRuns: 25, endOnFailure: true });
  await comparison.compareTable(table);
  expect([...comparison.compared].sort()).toEqual([
    'BatchGetItem',
    'DeleteItem',
    'DeleteItem ConditionalCheckFailedException',
    'GetItem',
    'PutItem',
    'PutItem ConditionalCheckFailedException',
    'Query',
    'Scan',
    'TransactWriteItems',
    'TransactWriteItems TransactionCanceledException',
    'UpdateItem',
    'UpdateItem ConditionalCheckFailedException',
  ]);
});
