import { describe, expect, test } from 'vitest';
import { DomainError, type ErrorCode } from '../../../shared/domain/errors.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import {
  type Attempt,
  everyFault,
  type FaultScenario,
  type InjectedFault,
} from '../../harness/every-fault.ts';
import {
  addExpired,
  addOAuthConnection,
  authorize,
  BOX,
  callback,
  complete,
  GOOGLE,
  HUBSPOT,
  issue,
  JIRA,
  type Returned,
  returnedAuthorization,
  returnedReconnect,
  returnedTo,
} from '../../harness/oauth-operations.ts';
import { addFlow, isRefusal } from '../../harness/operations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

/** Refusals of a repetition, after which a user starts again. */
const START_AGAIN: readonly ErrorCode[] = ['authorization_used', 'authorization_expired'];

/** The process, or the provider's response, was lost: nobody knows what the provider issued. */
function isUnknown(injected: InjectedFault | undefined): boolean {
  const { call, fault } = injected ?? {};
  const isCrash = fault?.kind.startsWith('crash') === true;
  return isCrash || call?.service === 'provider';
}

/** No grant is left at the provider beside those that connections serve. */
async function leftovers(
  deployment: SimulatedDeployment,
  { injected }: Attempt,
  user: string,
  providerId = BOX,
): Promise<readonly string[]> {
  if (isUnknown(injected)) return [];
  const { connections } = await deployment.state();
  const stored = await Promise.all(connections.map(({ id }) => deployment.servingFields(id)));
  return deployment.providers
    .grantsOf(providerId, user)
    .filter(({ revoked }) => !revoked)
    .filter((grant) => !stored.some((fields) => deployment.providers.isOfGrant(grant, fields)))
    .map(({ id }) => `${id} of ${user} is left at the provider`);
}

async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    return error;
  }
}

/** Completes with every fault, repeats it as its client would, and starts again where that is asked for. */
function completed(
  prepare: (deployment: SimulatedDeployment) => Promise<{
    readonly user: string;
    readonly returned: Returned;
    readonly again: () => Promise<Returned>;
    readonly count: number;
  }>,
): FaultScenario {
  return async (deployment) => {
    const { user, returned, again, count } = await prepare(deployment);
    let first: Awaited<ReturnType<typeof complete>> | undefined;
    return {
      async run({ ports }) {
        first = await complete(ports, returned, user);
        return true;
      },
      async verify(attempt) {
        const repeat = () => outcomeOf(complete(deployment.faultless, returned, user));
        const atOnce = await repeat();
        const state = await deployment.recover();
        const violations = [...(await deployment.invariantViolations(state))];
        violations.push(...(await leftovers(deployment, attempt, user)));
        const repeated = await repeat();
        const isDone = !(repeated instanceof Error);
        if (first && !isDone) violations.push(`succeeded, and its repetition was refused: ${repeated}`);
        if (!(atOnce instanceof Error) && !isDone) violations.push(`succeeded, and later not: ${repeated}`);
        if (!isDone && !isRefusal(repeated, START_AGAIN)) violations.push(`repeated: ${repeated}`);
        if (first && isDone) expect(repeated).toMatchObject({ connection: { id: first.connection.id } });
        if (!isDone) {
          const restarted = await outcomeOf(complete(deployment.faultless, await again(), user));
          if (restarted instanceof Error) violations.push(`started again: ${restarted}`);
        }
        const after = await deployment.recover();
        violations.push(...(await deployment.invariantViolations(after)));
        if (after.connections.length !== count) violations.push(`${after.connections.length} connections`);
        return violations;
      },
    };
  };
}

/** Completes an authorization that must be refused, with every fault: the old credentials serve, the new ones are revoked. */
function refused(
  code: ErrorCode,
  providerId: string,
  prepare: (
    deployment: SimulatedDeployment,
  ) => Promise<{ readonly user: string; readonly returned: Returned }>,
): FaultScenario {
  return async (deployment) => {
    const { user, returned } = await prepare(deployment);
    const before = await deployment.state();
    return {
      async run({ ports }) {
        const outcome = await outcomeOf(complete(ports, returned, user));
        if (outcome instanceof DomainError && outcome.code === code) return true;
        throw outcome;
      },
      async verify(attempt) {
        const state = await deployment.recover();
        const served = ({ connections }: typeof state) =>
          connections.map(({ item }) => item.credentialsVersion);
        expect(served(state)).toEqual(served(before));
        return [
          ...(await deployment.invariantViolations(state)),
          ...(await leftovers(deployment, attempt, user, providerId)),
        ];
      },
    };
  };
}

/** Issues the credentials of a connection whose access token expired. */
function refreshed(providerId: string): FaultScenario {
  return async (deployment) => {
    const id = await addExpired(deployment, { providerId });
    return {
      async run({ ports }) {
        const { credentials } = await issue(ports, id);
        return deployment.providers.acceptsAccessToken(credentials.reveal().accessToken ?? '');
      },
      async verify({ injected }) {
        const afterwards = await deployment.recover().then(() => outcomeOf(issue(deployment.faultless, id)));
        const state = await deployment.recover();
        const violations = await deployment.invariantViolations(state);
        if (!(afterwards instanceof Error)) return violations;
        const isLost = providerId === BOX && isLostForEveryClient(injected);
        const [last] = (state.history.get(id) ?? []).toReversed();
        return [
          ...violations,
          ...(isLost && isRefusal(afterwards, ['connection_inactive']) ? [] : [`afterwards: ${afterwards}`]),
          ...(last?.reason === 'refresh_interrupted' ? [] : [`recorded as ${last?.type} ${last?.reason}`]),
        ];
      },
    };
  };
}

/** The provider replaced the refresh token, and the response or the process was lost before the first write. */
function isLostForEveryClient(injected: InjectedFault | undefined): boolean {
  const { call, fault } = injected ?? {};
  if (call?.command === 'token') return fault?.kind === 'crash_after' || fault?.kind === 'timeout_after';
  return call?.command === STORE_CALLS.put && fault?.kind === 'crash_before';
}

const SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  authorize: async (deployment) => ({
    async run({ ports }) {
      await authorize(ports, {});
      return true;
    },
    async verify() {
      await addFlow(deployment, 'flow');
      const returned = await returnedAuthorization(deployment);
      await complete(deployment.faultless, returned);
      return deployment.invariantViolations(await deployment.recover());
    },
  }),

  callback: async (deployment) => {
    await addFlow(deployment, 'flow');
    const { authorizationUrl } = await authorize(deployment.faultless, {});
    const parameters = await deployment.providers.consent(BOX, authorizationUrl, 'old');
    let address: string | null = null;
    return {
      async run({ ports }) {
        address = await callback(ports, BOX, parameters);
        return address !== null;
      },
      async verify({ isDone }) {
        const repeated = await callback(deployment.faultless, BOX, parameters);
        const returned = returnedTo(isDone ? address : (repeated ?? 'https://nothing.example'));
        const violations = isDone && repeated !== null ? ['the state was used twice'] : [];
        if (returned.authorizationId !== '') await complete(deployment.faultless, returned);
        else await complete(deployment.faultless, await returnedAuthorization(deployment));
        return [...violations, ...(await deployment.invariantViolations(await deployment.recover()))];
      },
    };
  },

  'complete a new connection': completed(async (deployment) => {
    await addFlow(deployment, 'flow');
    const again = () => returnedAuthorization(deployment);
    return { user: 'old', returned: await again(), again, count: 1 };
  }),

  'complete a reconnect': completed(async (deployment) => {
    const id = await addOAuthConnection(deployment);
    const again = () => returnedReconnect(deployment, id, 'new');
    return { user: 'new', returned: await again(), again, count: 1 };
  }),

  'complete without a required scope': refused('scopes_missing', HUBSPOT, async (deployment) => {
    await addFlow(deployment, 'flow');
    return {
      user: 'old',
      returned: await returnedAuthorization(deployment, { providerId: HUBSPOT, scopes: ['oauth'] }),
    };
  }),

  'complete a reconnect with another account': refused('account_mismatch', BOX, async (deployment) => {
    const id = await addOAuthConnection(deployment);
    return { user: 'new-other', returned: await returnedReconnect(deployment, id, 'new-other') };
  }),

  'refresh with rotation': refreshed(BOX),
  'refresh without rotation': refreshed(GOOGLE),
  'refresh with rotation and a grace period': refreshed(JIRA),
};

describe('with any fault at any call, the old or the new credentials serve, and a user can go on', {
  timeout: 120_000,
}, () => {
  test.each(Object.entries(SCENARIOS))('%s', async (_name, scenario) => {
    expect(await everyFault(inDeployment, scenario)).toEqual([]);
  });
});
