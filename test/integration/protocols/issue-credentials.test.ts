import { describe, expect, test } from 'vitest';
import { issueCredentials } from '../../../shared/domain/issuing/issue-credentials.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt, type Fault } from '../../harness/fault-injector.ts';
import { addConnection, checkOf, disconnectOf, PROVIDER, reconnectOf } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';

const inDeployment = simulatedDeployments();

/** The read of the secret, which comes after the read of the connection. */
const AT_THE_SECRET = STORE_CALLS.read;
const READ_FAILS: readonly Fault[] = [{ at: AT_THE_SECRET, kind: 'server_error', lasting: true }];

/** Issues a connection's credentials while `meanwhile` runs between the two reads. */
function issueDuring(
  meanwhile: (deployment: SimulatedDeployment, connectionId: string) => Promise<unknown>,
  faults: readonly Fault[] = [],
) {
  return inDeployment(async (deployment) => {
    const connectionId = await addConnection(deployment);
    const barrier = barrierAt(AT_THE_SECRET);
    const { ports, injector } = deployment.process({ faults, barrier });
    const issued = issueCredentials({ projectId: PROJECT, connectionId }, ports).catch((error) => error);
    await Promise.race([barrier.reached.promise, issued]);
    await meanwhile(deployment, connectionId);
    barrier.released.resolve();
    const result = await issued;
    return { result, reads: injector.calls.filter(({ command }) => command === AT_THE_SECRET).length };
  });
}

describe('issuing credentials', () => {
  test('of a connection that is disconnected meanwhile finds no connection', async () => {
    const { result } = await issueDuring(({ faultless }, id) => disconnectOf(id).run(faultless));
    expect(result).toMatchObject({ code: 'connection_not_found' });
  });

  test('issues the new credentials if a reconnect replaced them and the old ones cannot be read', async () => {
    const { result, reads } = await issueDuring(
      (deployment, id) => reconnectOf(deployment, id, 'new').run(deployment.faultless),
      READ_FAILS,
    );
    expect(result.connection).toMatchObject({ version: 2 });
    expect(result.credentials.reveal()).toEqual(credentialsNamed(PROVIDER, 'new').reveal());
    expect(reads).toBe(2);
  });

  test('is refused if the connection became inactive and the credentials cannot be read', async () => {
    const { result } = await issueDuring(async (deployment, id) => {
      deployment.providers.revoke(PROVIDER, 'old');
      await checkOf(id).run(deployment.faultless);
    }, READ_FAILS);
    expect(result).toMatchObject({ problem: { code: 'connection_inactive', reason: 'access_revoked' } });
  });

  test('fails after one read if nothing changed and the credentials cannot be read', async () => {
    const { result, reads } = await issueDuring(() => Promise.resolve(), READ_FAILS);
    expect(result).toBeInstanceOf(Error);
    expect(result).not.toHaveProperty('problem');
    expect(reads).toBe(1);
  });

  test.each([STORE_CALLS.put, STORE_CALLS.promote] as const)(
    'issues what the connection names while a reconnect is paused at its %s',
    async (at) => {
      const issued = await inDeployment(async (deployment) => {
        const connectionId = await addConnection(deployment);
        const barrier = barrierAt(at);
        const reconnected = reconnectOf(deployment, connectionId, 'new').run(
          deployment.process({ barrier }).ports,
        );
        await barrier.reached.promise;
        const { credentials } = await issueCredentials(
          { projectId: PROJECT, connectionId },
          deployment.faultless,
        );
        barrier.released.resolve();
        await reconnected;
        return credentials.reveal();
      });
      const expected = at === STORE_CALLS.put ? 'old' : 'new';
      expect(issued).toEqual(credentialsNamed(PROVIDER, expected).reveal());
    },
  );
});
