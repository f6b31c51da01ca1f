import { describe, expect, test } from 'vitest';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt } from '../../harness/fault-injector.ts';
import {
  addOAuthConnection,
  authorize,
  BOX,
  callback,
  complete,
  issue,
  returnedAuthorization,
  returnedReconnect,
  returnedTo,
} from '../../harness/oauth-operations.ts';
import { addFlow, reconnectOf } from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

const LIFETIME_SECONDS = 15 * 60;
const ISSUER = 'https://account.box.com';

/** The ports of a process whose catalog documents the issuer that the provider adds to its redirect (RFC 9207). */
function withIssuer(ports: Ports): Ports {
  return {
    ...ports,
    catalog: {
      ...ports.catalog,
      get(id) {
        const provider = ports.catalog.get(id);
        return provider?.oauth2 && { ...provider, oauth2: { ...provider.oauth2, issuer: ISSUER } };
      },
    },
  };
}

/** Authorizes up to the provider's redirect. */
async function redirected({ faultless, providers }: SimulatedDeployment) {
  const { authorizationUrl } = await authorize(faultless, {});
  return providers.consent(BOX, authorizationUrl, 'old');
}

describe('a redirect of a provider that documents its issuer', () => {
  test.each([
    ['another one', 'https://attacker.example'],
    ['one that begins like it', `${ISSUER}.attacker.example`],
    ['none', undefined],
    ['an empty one', ''],
  ])('with %s ends the authorization without an exchange', (_what, iss) =>
    inDeployment(async (deployment) => {
      await addFlow(deployment, 'flow');
      const parameters = await redirected(deployment);
      const ports = withIssuer(deployment.faultless);
      const address = await callback(ports, BOX, { ...parameters, ...(iss !== undefined && { iss }) });
      expect(new URL(address ?? '').searchParams.get('error')).toBe('provider_error');
      expect(await callback(ports, BOX, { ...parameters, iss: ISSUER })).toBeNull();
      expect(deployment.providers.grantsOf(BOX, 'old')).toEqual([]);
    }),
  );

  test('with its own goes on', () =>
    inDeployment(async (deployment) => {
      await addFlow(deployment, 'flow');
      const parameters = await redirected(deployment);
      const address = await callback(withIssuer(deployment.faultless), BOX, { ...parameters, iss: ISSUER });
      expect((await complete(deployment.faultless, returnedTo(address))).kind).toBe('create');
    }));
});

describe('15 minutes after its start', () => {
  test('a state no longer works', () =>
    inDeployment(async (deployment) => {
      const parameters = await redirected(deployment);
      deployment.advance(LIFETIME_SECONDS);
      expect(await callback(deployment.faultless, BOX, parameters)).toBeNull();
    }));

  test('a completion no longer works, and exchanges nothing', () =>
    inDeployment(async (deployment) => {
      await addFlow(deployment, 'flow');
      const returned = await returnedAuthorization(deployment);
      deployment.advance(LIFETIME_SECONDS);
      await expect(complete(deployment.faultless, returned)).rejects.toMatchObject({
        code: 'authorization_expired',
      });
      expect(deployment.providers.grantsOf(BOX, 'old')).toEqual([]);
    }));

  test('a repetition of what was completed still returns the connection', () =>
    inDeployment(async (deployment) => {
      await addFlow(deployment, 'flow');
      const returned = await returnedAuthorization(deployment);
      const { connection } = await complete(deployment.faultless, returned);
      deployment.advance(LIFETIME_SECONDS);
      expect(await complete(deployment.faultless, returned)).toMatchObject({
        connection: { id: connection.id },
      });
    }));
});

describe('two completions at once', () => {
  test('exchange the code once: the second is refused with busy, and then gets the same connection', () =>
    inDeployment(async (deployment) => {
      await addFlow(deployment, 'flow');
      const returned = await returnedAuthorization(deployment);
      const barrier = barrierAt('token');
      const first = complete(deployment.process({ barrier }).ports, returned);
      await barrier.reached.promise;
      await expect(complete(deployment.faultless, returned)).rejects.toMatchObject({
        problem: { code: 'request_in_progress', retryAfterSeconds: 1 },
      });
      barrier.released.resolve();
      const { connection } = await first;
      expect(await complete(deployment.faultless, returned)).toMatchObject({
        connection: { id: connection.id },
      });
      expect(deployment.providers.grantsOf(BOX, 'old')).toHaveLength(1);
    }));
});

describe('a completion that is refused before the code is exchanged', () => {
  test('because another reconnect is under way can be repeated when that one ended', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      const one = await returnedReconnect(deployment, id, 'new');
      const other = await returnedReconnect(deployment, id, 'newer');
      const barrier = barrierAt('verify');
      const first = complete(deployment.process({ barrier }).ports, one, 'new');
      await barrier.reached.promise;
      const refused = complete(deployment.faultless, other, 'newer');
      await expect(refused).rejects.toMatchObject({ code: 'reconnect_in_progress' });
      barrier.released.resolve();
      await first;
      expect(await complete(deployment.faultless, other, 'newer')).toMatchObject({ kind: 'reconnect' });
      const state = await deployment.recover();
      expect(await deployment.invariantViolations(state)).toEqual([]);
    }));

  test('because the flow is gone or the client is missing can be repeated once they are there', () =>
    inDeployment(async (deployment) => {
      const returned = await returnedAuthorization(deployment);
      await expect(complete(deployment.faultless, returned)).rejects.toMatchObject({
        code: 'flow_not_found',
      });
      await addFlow(deployment, 'flow');
      const oauthClients = { ...deployment.faultless.oauthClients, find: async () => undefined };
      const unconfigured = complete({ ...deployment.faultless, oauthClients }, returned);
      await expect(unconfigured).rejects.toMatchObject({ code: 'provider_not_configured' });
      expect(await complete(deployment.faultless, returned)).toMatchObject({ kind: 'create' });
    }));
});

describe('a reconnect', () => {
  test('by another account is refused, and the new grant is revoked', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      const returned = await returnedReconnect(deployment, id, 'new-other');
      await expect(complete(deployment.faultless, returned, 'new-other')).rejects.toMatchObject({
        problem: { code: 'account_mismatch', current: 'one', candidate: 'other' },
      });
      expect(deployment.providers.grantsOf(BOX, 'new-other')).toMatchObject([{ revoked: true }]);
      await issue(deployment.faultless, id);
      const { history } = await deployment.state();
      expect(history.get(id)?.at(-1)).toMatchObject({ type: 'reconnect_failed', reason: 'account_mismatch' });
    }));

  test('cannot be made by entering credentials', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      await expect(reconnectOf(deployment, id, 'new').run(deployment.faultless)).rejects.toMatchObject({
        code: 'authorization_required',
      });
    }));
});
