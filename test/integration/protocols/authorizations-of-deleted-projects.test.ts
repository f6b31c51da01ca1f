import { describe, expect, test } from 'vitest';
import { beforeRestore, duringRestore, type Prepare } from '../../harness/deleted-project.ts';
import { everyInterleaving } from '../../harness/interleavings.ts';
import {
  addOAuthConnection,
  authorize,
  BOX,
  callback,
  complete,
  returnedReconnect,
  returnedTo,
} from '../../harness/oauth-operations.ts';
import { addFlow } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** A user begins, consents at the provider, comes back and completes. */
const authorization: Prepare = async (deployment) => {
  await addFlow(deployment, 'flow');
  return {
    async run(ports) {
      const { authorizationUrl } = await authorize(ports, {});
      const parameters = await deployment.providers.consent(BOX, authorizationUrl, 'old');
      await complete(ports, returnedTo(await callback(ports, BOX, parameters)));
    },
  };
};

const reconnect: Prepare = async (deployment) => {
  const id = await addOAuthConnection(deployment);
  const returned = await returnedReconnect(deployment, id, 'new');
  return { run: (ports) => complete(ports, returned, 'new') };
};

describe('in every order of the calls of an authorization and of a deletion', { timeout: 120_000 }, () => {
  test('a new connection leaves nothing if the project is restored meanwhile, and deleted anew', async () => {
    expect(await everyInterleaving(inDeployment, duringRestore(authorization))).toEqual([]);
  });

  test('a reconnect loses no grant that serves, and leaves none, if the project is restored', async () => {
    expect(await everyInterleaving(inDeployment, beforeRestore(reconnect))).toEqual([]);
  });
});
