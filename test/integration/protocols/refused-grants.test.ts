import { describe, expect, test } from 'vitest';
import { checkConnection } from '../../../shared/domain/checks/check.ts';
import type { IssuedCredentials } from '../../../shared/domain/issuing/issue-credentials.ts';
import { DAY_SECONDS } from '../../../shared/domain/operation-context.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { barrierAt, type Fault } from '../../harness/fault-injector.ts';
import {
  addExpired,
  addOAuthConnection,
  issue,
  REFRESH_LEASE_EXPIRED_SECONDS,
} from '../../harness/oauth-operations.ts';
import { disconnectOf } from '../../harness/operations.ts';
import type { Ports } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Issues access tokens that do not expire, and no refresh tokens. */
const GITHUB = 'github-oauth';
/** Its refresh tokens end after five years, however often they are used. */
const QUICKBOOKS = 'quickbooks';

const checkNow = ({ faultless }: { readonly faultless: Ports }, connectionId: string) =>
  checkConnection({ projectId: PROJECT, connectionId, actor: { type: 'system' } }, faultless);

const tokenOf = ({ credentials }: IssuedCredentials) => credentials.reveal().accessToken ?? '';

test('a grant that cannot be renewed is probed with its only token, and ends when the provider refuses that', () =>
  inDeployment(async (deployment) => {
    const id = await addOAuthConnection(deployment, { providerId: GITHUB });
    expect((await checkNow(deployment, id)).check.outcome).toBe('ok');
    deployment.providers.revokeGrants(GITHUB, 'old');
    const { connection, check } = await checkNow(deployment, id);
    expect(check.outcome).toBe('rejected');
    expect(connection).toMatchObject({ status: 'inactive', statusReason: 'access_revoked' });
    await expect(issue(deployment.faultless, id)).rejects.toMatchObject({ code: 'connection_inactive' });
  }));

test('a refresh token that is refused after its known end has expired', () =>
  inDeployment(async (deployment) => {
    const id = await addExpired(deployment, { providerId: QUICKBOOKS });
    deployment.advance(5 * 365 * DAY_SECONDS);
    deployment.providers.revokeGrants(QUICKBOOKS, 'old');
    await expect(issue(deployment.faultless, id)).rejects.toMatchObject({
      problem: { code: 'connection_inactive', reason: 'credentials_expired' },
    });
  }));

describe('a refresh whose token was refused, because another refresh replaced it,', () => {
  /** Starts a refresh, and lets it stand before it puts the new refresh token until its lease expired. */
  async function startSlow(deployment: SimulatedDeployment, faults: readonly Fault[] = []) {
    const id = await addExpired(deployment);
    const barrier = barrierAt(STORE_CALLS.put);
    const issued = issue(deployment.process({ barrier, faults }).ports, id);
    await barrier.reached.promise;
    deployment.advance(REFRESH_LEASE_EXPIRED_SECONDS);
    return { id, issued, goOn: () => barrier.released.resolve() };
  }

  /** Replaces the first response of the token endpoint by a refusal that comes after `meanwhile`. */
  function refusedAfter(ports: Ports, meanwhile: () => Promise<unknown>): Ports {
    let isFirst = true;
    const { renew } = ports.oauthProvider;
    return {
      ...ports,
      oauthProvider: {
        ...ports.oauthProvider,
        async renew(party) {
          if (!isFirst) return renew(party);
          isFirst = false;
          await meanwhile();
          return { outcome: 'rejected' };
        },
      },
    };
  }

  test('goes on with the token that the other obtained after it lost its lease', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment);
      const others: IssuedCredentials[] = [];
      const ports = refusedAfter(deployment.faultless, async () => {
        deployment.advance(REFRESH_LEASE_EXPIRED_SECONDS);
        others.push(await issue(deployment.faultless, id));
      });
      expect([tokenOf(await issue(ports, id))]).toEqual(others.map(tokenOf));
      expect(await deployment.invariantViolations(await deployment.recover())).toEqual([]);
    }));

  test('finds the connection gone that was disconnected meanwhile', () =>
    inDeployment(async (deployment) => {
      const id = await addExpired(deployment);
      const ports = refusedAfter(deployment.faultless, () => disconnectOf(id).run(deployment.faultless));
      await expect(checkNow({ faultless: ports }, id)).rejects.toMatchObject({
        code: 'connection_not_found',
      });
    }));

  test('goes on with the token that the other stored late, and gives its own lease back', () =>
    inDeployment(async (deployment) => {
      const { id, issued, goOn } = await startSlow(deployment);
      const ports = refusedAfter(deployment.faultless, () => {
        goOn();
        return issued;
      });
      expect(tokenOf(await issue(ports, id))).toBe(tokenOf(await issued));
      expect((await deployment.state()).connections[0]?.item.lease).toBeUndefined();
      expect(await deployment.invariantViolations(await deployment.recover())).toEqual([]);
    }));

  test('rolls the version forward that the other put late before it ended', () =>
    inDeployment(async (deployment) => {
      const crash = { at: STORE_CALLS.put, kind: 'crash_after', lasting: true } as const;
      const { id, issued, goOn } = await startSlow(deployment, [crash]);
      const ended = issued.catch(() => 'ended');
      const ports = refusedAfter(deployment.faultless, () => {
        goOn();
        return ended;
      });
      const token = tokenOf(await issue(ports, id));
      expect(await ended).toBe('ended');
      expect(deployment.providers.acceptsAccessToken(token)).toBe(true);
      expect(await deployment.invariantViolations(await deployment.recover())).toEqual([]);
    }));
});

test('a provider that left the catalog does not end an access token before its time', () =>
  inDeployment(async (deployment) => {
    const { faultless } = deployment;
    const id = await addOAuthConnection(deployment);
    const valid = await issue(faultless, id);
    const ports = { ...faultless, catalog: { ...faultless.catalog, get: () => undefined } };
    expect(await issue(ports, id)).toMatchObject({ authType: 'oauth2', expiresAt: valid.expiresAt });
    expect(tokenOf(await issue(ports, id))).toBe(tokenOf(valid));
    const at = (time: string | null) => ({ ...ports, clock: { now: () => new Date(time ?? '') } });
    const refused = { code: 'provider_not_configured' };
    await expect(issue(at(valid.expiresAt), id)).rejects.toMatchObject(refused);
  }));
