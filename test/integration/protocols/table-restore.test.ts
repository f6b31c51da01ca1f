import { DeleteCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { restoreCredentials } from '../../../shared/domain/connections/migrate.ts';
import { credentialStore } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { issue } from '../../harness/oauth-operations.ts';
import { addConnection, migrationOf, PROVIDER, reconnectOf, unlinkOf } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';

const inDeployment = simulatedDeployments();

const unpaced = () => Promise.resolve();

const keyed = z.looseObject({ pk: z.string(), sk: z.string() });

/** Copies the table, and puts the copy in the place of what the table holds by then, as a restore to a point in time does. */
async function restorePoint({ name: TableName, table: client }: SimulatedDeployment) {
  const scan = async () =>
    (await client.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? [];
  const copy = await scan();
  return async () => {
    for (const item of await scan()) {
      const { pk, sk } = keyed.parse(item);
      await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
    }
    for (const Item of copy) await client.send(new PutCommand({ TableName, Item }));
  };
}

test('after a restore of the table, the credentials of that time can be brought back, whatever happened since', () =>
  inDeployment(async (deployment) => {
    const disconnected = await addConnection(deployment, { user: 'ada' });
    const moved = await addConnection(deployment, { user: 'grace' });
    const reconnected = await addConnection(deployment, { user: 'linus' });
    const restore = await restorePoint(deployment);
    await unlinkOf('flow-ada').run(deployment.faultless);
    await migrationOf(moved).run(deployment.faultless);
    await reconnectOf(deployment, reconnected, 'new').run(deployment.faultless);
    await deployment.recover();
    await restore();

    const process = deployment.process();
    let changes = 0;
    const pace = async () => {
      changes += 1;
    };
    const restored = (connectionId: string) =>
      restoreCredentials({ projectId: PROJECT, connectionId }, pace, process.ports);
    // The items of sealed credentials come back with the table; secrets are brought back by themselves.
    const expected = credentialStore() === 'sealed' ? 'kept' : 'restored';
    expect(await restored(disconnected)).toBe(expected);
    expect(await restored(moved)).toBe(expected);
    expect(await restored(reconnected)).toBe('kept');
    expect(changes).toBe(credentialStore() === 'sealed' ? 0 : 2);
    for (const [id, user] of [
      [disconnected, 'ada'],
      [moved, 'grace'],
      [reconnected, 'linus'],
    ] as const) {
      const { credentials } = await issue(process.ports, id);
      expect(credentials.reveal()).toEqual(credentialsNamed(PROVIDER, user).reveal());
    }
  }));

test('credentials that no store has any more are lost, and a connection that is gone has none', () =>
  inDeployment(async (deployment) => {
    const { faultless } = deployment;
    const connectionId = await addConnection(deployment, { user: 'ada' });
    const restoredWith = (isRestored: boolean) => {
      const { credentials } = faultless;
      const emptied = { ...credentials, readIfKept: async () => undefined, restore: async () => isRestored };
      return restoreCredentials({ projectId: PROJECT, connectionId }, unpaced, {
        ...faultless,
        credentials: emptied,
      });
    };
    expect([await restoredWith(false), await restoredWith(true)]).toEqual(['lost', 'lost']);
    const gone = { projectId: PROJECT, connectionId: 'con_019c9f0c-0000-7000-8000-000000000001' };
    expect(await restoreCredentials(gone, unpaced, faultless)).toBe('disconnected');
  }));
