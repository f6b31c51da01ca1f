import { describe, expect, test } from 'vitest';
import { checkConnection } from '../../../shared/domain/checks/check.ts';
import { issueCredentials } from '../../../shared/domain/issuing/issue-credentials.ts';
import { DAY_SECONDS } from '../../../shared/domain/operation-context.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt } from '../../harness/fault-injector.ts';
import {
  addExpired,
  addOAuthConnection,
  BOX,
  complete,
  GOOGLE,
  issue,
  JIRA,
  returnedReconnect,
  TOKEN_EXPIRED_SECONDS,
} from '../../harness/oauth-operations.ts';
import type { Process } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Issues the credentials of a connection in a process whose caches are filled, and returns the calls of that. */
async function callsOfIssue({ ports, injector }: Process, id: string): Promise<readonly string[]> {
  const before = injector.calls.length;
  await issue(ports, id);
  return injector.calls.slice(before).map(({ command }) => command);
}

const checkNow = ({ faultless }: SimulatedDeployment, connectionId: string) =>
  checkConnection({ projectId: PROJECT, connectionId, actor: { type: 'system' } }, faultless);

function refreshes({ providers }: SimulatedDeployment, providerId: string, user = 'old'): number {
  return providers.grantsOf(providerId, user).reduce((sum, { refreshed }) => sum + refreshed, 0);
}

async function statusOf(deployment: SimulatedDeployment, id: string) {
  const { connections } = await deployment.state();
  return connections.find((connection) => connection.id === id)?.item.summary;
}

describe('issuing', () => {
  test('a valid token costs one read, no write and no call of Secrets Manager', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      const process = deployment.process();
      await issue(process.ports, id);
      expect(await callsOfIssue(process, id)).toEqual(['GetItemCommand']);
      expect(process.injector.calls.filter(({ writes }) => writes)).toEqual([]);
    }));

  test('a refresh without rotation writes the lease and the token, and nothing to Secrets Manager', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment, { providerId: GOOGLE });
      const process = deployment.process();
      await issue(process.ports, id);
      deployment.advance(TOKEN_EXPIRED_SECONDS);
      const from = process.injector.calls.length;
      await issue(process.ports, id);
      const calls = process.injector.calls.slice(from);
      expect(calls.filter(({ writes }) => writes).map(({ command }) => command)).toEqual([
        'TransactWriteItemsCommand',
        'token',
        'TransactWriteItemsCommand',
      ]);
    }));

  test('with rotation, the first call after the response of the provider stores the refresh token', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment, { providerId: BOX });
      const process = deployment.process();
      await issue(process.ports, id);
      const commands = process.injector.calls.map(({ command }) => command);
      expect(commands[commands.indexOf('token') + 1]).toBe(STORE_CALLS.put);
    }));

  test('lasts for the time that is asked for', () =>
    inDeployment(async (deployment) => {
      const connectionId = await addOAuthConnection(deployment, { providerId: GOOGLE });
      deployment.advance(3_000);
      const request = { projectId: PROJECT, connectionId };
      const enough = await issueCredentials({ ...request, minValiditySeconds: 500 }, deployment.faultless);
      expect(refreshes(deployment, GOOGLE)).toBe(0);
      const renewed = await issueCredentials({ ...request, minValiditySeconds: 900 }, deployment.faultless);
      expect(refreshes(deployment, GOOGLE)).toBe(1);
      expect(renewed.expiresAt ?? '').not.toBe(enough.expiresAt);
      expect(Date.parse(renewed.expiresAt ?? '')).toBeGreaterThan(deployment.now().getTime() + 900_000);
    }));

  test('never hands out a refresh token', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment);
      const { refreshToken } = await deployment.servingFields(id);
      const { credentials } = await issue(deployment.faultless, id);
      expect(Object.keys(credentials.reveal()).toSorted()).toEqual(['accessToken', 'tokenType']);
      expect(JSON.stringify(credentials.reveal())).not.toContain(refreshToken);
    }));

  test('a caller gets the token that is still valid while another one refreshes it', () =>
    inDeployment(async (deployment) => {
      const connectionId = await addOAuthConnection(deployment, { providerId: GOOGLE });
      const valid = await issue(deployment.faultless, connectionId);
      deployment.advance(3_000);
      const barrier = barrierAt('token');
      const request = { projectId: PROJECT, connectionId, minValiditySeconds: 1_800 };
      const refreshing = issueCredentials(request, deployment.process({ barrier }).ports);
      await barrier.reached.promise;
      const other = await issueCredentials(request, deployment.faultless);
      expect(other.credentials.reveal()).toEqual(valid.credentials.reveal());
      barrier.released.resolve();
      expect((await refreshing).credentials.reveal()).not.toEqual(valid.credentials.reveal());
      expect(refreshes(deployment, GOOGLE)).toBe(1);
    }));
});

describe('a provider that refuses the refresh token', () => {
  test('makes the connection inactive, and the history says that the grant was revoked', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment);
      deployment.providers.revokeGrants(BOX, 'old');
      const code = 'connection_inactive';
      await expect(issue(deployment.faultless, id)).rejects.toMatchObject({
        problem: { code, reason: 'access_revoked' },
      });
      const state = await deployment.recover();
      expect(state.history.get(id)?.at(-1)).toMatchObject({
        type: 'status_changed',
        actor: { type: 'system' },
        reason: 'access_revoked',
      });
      expect(await deployment.invariantViolations(state)).toEqual([]);
    }));
});

describe.each([
  ['is down', 'down', 1],
  ['refuses the client', 'invalid_client', 60],
  ['asks to wait', 'rate_limited', 2],
  ['responds with nonsense', 'garbage', 1],
] as const)('a token endpoint that %s', (_what, mode, leastSeconds) => {
  test('turns nothing, leaves no lease, and the next call succeeds', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment);
      const before = await statusOf(deployment, id);
      deployment.providers.setTokens(BOX, { mode });
      const failed = await issue(deployment.process().ports, id).catch((error: unknown) => error);
      expect(failed).toMatchObject({ problem: { code: 'provider_unavailable' } });
      const { retryAfterSeconds } = Object(Object(failed).problem);
      expect(retryAfterSeconds).toBeGreaterThanOrEqual(leastSeconds);
      expect((await checkNow(deployment, id)).check.outcome).toBe('unavailable');
      expect(await statusOf(deployment, id)).toEqual(before);
      expect((await deployment.state()).connections[0]?.item.lease).toBeUndefined();
      deployment.providers.setTokens(BOX, {});
      await issue(deployment.process().ports, id);
      expect(await deployment.invariantViolations(await deployment.recover())).toEqual([]);
    }));

  test('leaves a token that is still valid in use', () =>
    inDeployment(async (deployment) => {
      const connectionId = await addOAuthConnection(deployment);
      const valid = await issue(deployment.faultless, connectionId);
      deployment.advance(2_700);
      deployment.providers.setTokens(BOX, { mode });
      const request = { projectId: PROJECT, connectionId, minValiditySeconds: 1_800 };
      const { credentials } = await issueCredentials(request, deployment.process().ports);
      expect(credentials.reveal()).toEqual(valid.credentials.reveal());
    }));
});

test('a token endpoint that fails three times in a row is left alone for a time, which doubles', () =>
  inDeployment(async (deployment) => {
    const id = await addExpired(deployment);
    deployment.providers.setTokens(BOX, { mode: 'down' });
    const { ports, injector } = deployment.process();
    const attempt = () => issue(ports, id).catch(({ problem }) => problem.retryAfterSeconds);
    const requests = () => injector.calls.filter(({ command }) => command === 'token').length;
    for (const _ of [1, 2, 3]) await attempt();
    const made = requests();
    const waitSeconds = await attempt();
    expect([requests(), waitSeconds]).toEqual([made, 2]);
    deployment.advance(2);
    await attempt();
    expect(requests()).toBeGreaterThan(made);
    expect(await attempt()).toBe(4);
    deployment.providers.setTokens(BOX, {});
    deployment.advance(4);
    await issue(ports, id);
    deployment.advance(TOKEN_EXPIRED_SECONDS);
    await issue(ports, id);
  }));

describe('a check', () => {
  test('of a token that ends before the next one refreshes it ahead', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      await checkNow(deployment, id);
      expect(refreshes(deployment, BOX)).toBe(0);
      deployment.advance(2_700);
      expect((await checkNow(deployment, id)).check.outcome).toBe('ok');
      expect(refreshes(deployment, BOX)).toBe(1);
    }));

  test('confirms a rejection with a new token, and changes nothing if that one is accepted', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment);
      const before = await deployment.faultless.connections.find({ projectId: PROJECT, connectionId: id });
      const { verifier } = deployment.faultless;
      const sent: string[] = [];
      const ports = {
        ...deployment.faultless,
        verifier: {
          verify: async (...[provider, credentials]: Parameters<typeof verifier.verify>) => {
            sent.push(credentials.reveal().accessToken ?? '');
            return sent.length === 1
              ? { outcome: 'rejected' as const, reason: 'access_revoked' as const }
              : verifier.verify(provider, credentials);
          },
        },
      };
      const request = { projectId: PROJECT, connectionId: id, actor: { type: 'system' as const } };
      expect((await checkConnection(request, ports)).check.outcome).toBe('ok');
      expect(new Set(sent).size).toBe(2);
      expect(refreshes(deployment, BOX)).toBe(1);
      expect(await statusOf(deployment, id)).toMatchObject({
        status: 'active',
        version: before?.connection.version,
      });
    }));

  test('does not apply its verdict to a grant that a reconnect brought meanwhile', () =>
    inDeployment(async (deployment) => {
      const { faultless } = deployment;
      const id = await addOAuthConnection(deployment);
      const returned = await returnedReconnect(deployment, id, 'old');
      let probes = 0;
      const ports = {
        ...faultless,
        verifier: {
          verify: async (...probe: Parameters<typeof faultless.verifier.verify>) => {
            probes += 1;
            if (probes > 2) return faultless.verifier.verify(...probe);
            if (probes === 2) await complete(faultless, returned);
            return { outcome: 'rejected' as const, reason: 'access_changed' as const };
          },
        },
      };
      const request = { projectId: PROJECT, connectionId: id, actor: { type: 'system' as const } };
      const { connection, check } = await checkConnection(request, ports);
      expect([connection.status, check.outcome, probes]).toEqual(['active', 'ok', 3]);
      const { history } = await deployment.state();
      expect(history.get(id)?.map(({ type }) => type)).not.toContain('status_changed');
    }));

  test('of a grant that was revoked finds the reason', () =>
    inDeployment(async (deployment) => {
      const id = await addOAuthConnection(deployment, { providerId: GOOGLE });
      deployment.providers.revokeGrants(GOOGLE, 'old');
      const { connection, check } = await checkNow(deployment, id);
      expect(check.outcome).toBe('rejected');
      expect(connection).toMatchObject({ status: 'inactive', statusReason: 'access_revoked' });
      const { history } = await deployment.state();
      expect(history.get(id)?.filter(({ type }) => type === 'status_changed')).toHaveLength(1);
      // Again, without an access token to probe with.
      expect((await checkNow(deployment, id)).check.outcome).toBe('rejected');
    }));

  test('keeps a refresh token alive that would end unused, though the access token is valid', () =>
    inDeployment(async (deployment) => {
      deployment.providers.setTokens(JIRA, { accessTokenSeconds: 365 * DAY_SECONDS });
      const id = await addOAuthConnection(deployment, { providerId: JIRA });
      // Its refresh token ends after 90 days without use.
      deployment.advance(44 * DAY_SECONDS);
      await checkNow(deployment, id);
      expect(refreshes(deployment, JIRA)).toBe(0);
      deployment.advance(2 * DAY_SECONDS);
      await checkNow(deployment, id);
      expect(refreshes(deployment, JIRA)).toBe(1);
      await checkNow(deployment, id);
      expect(refreshes(deployment, JIRA)).toBe(1);
    }));
});
