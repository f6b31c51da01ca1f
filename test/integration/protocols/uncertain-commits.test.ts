import { expect, test } from 'vitest';
import { reconnect } from '../../../shared/domain/connections/reconnect.ts';
import { enteredCredentials } from '../../../shared/domain/credentials/accept.ts';
import { PROJECT } from '../../harness/deployment.ts';
import { addConnection, PROVIDER, userNamed } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';

const inDeployment = simulatedDeployments();

/** Calls of a reconnect that write the table: the lease, the commit and the release. */
const COMMIT = 2;

test.each([
  ['may serve are kept', COMMIT, []],
  ['cannot serve are discarded', COMMIT - 1, ['discarded']],
])('new credentials that %s, when the table fails from then on', (_what, lastCommit, expected) =>
  inDeployment(async (deployment) => {
    const { faultless, providers } = deployment;
    const connectionId = await addConnection(deployment, { user: 'old' });
    providers.accept(PROVIDER, 'new');
    let commits = 0;
    const commit: typeof faultless.unitOfWork.commit = async (unit) => {
      commits += 1;
      if (commits <= lastCommit) await faultless.unitOfWork.commit(unit);
      if (commits === 1) return 'committed';
      throw new Error('The response was lost.');
    };
    const discarded: string[] = [];
    const connections: typeof faultless.connections = {
      ...faultless.connections,
      find: (ref) =>
        commits < COMMIT ? faultless.connections.find(ref) : Promise.reject(new Error('Down.')),
    };
    const ports = { ...faultless, connections, unitOfWork: { commit } };
    const credentials = credentialsNamed(PROVIDER, 'new');
    const failPut = { ...faultless.credentials, put: () => Promise.reject(new Error('The store is down.')) };
    const request = {
      ...{
        projectId: PROJECT,
        connectionId,
        allowAccountChange: false,
        expected: null,
        actor: userNamed('new'),
      },
      source: {
        ...enteredCredentials({ credentials }, ports),
        discard: async () => void discarded.push('discarded'),
      },
    };
    const used = lastCommit < COMMIT ? { ...ports, credentials: failPut } : ports;
    await expect(reconnect(request, used)).rejects.toThrow();
    expect(discarded).toEqual(expected);
  }),
);
