import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DomainError } from '../../../shared/domain/errors.ts';
import { STORE_CALLS } from '../../harness/credential-store.ts';
import type { SimulatedDeployment } from '../../harness/deployment.ts';
import type { FaultPlan } from '../../harness/fault-injector.ts';
import {
  addOAuthConnection,
  BOX,
  complete,
  GOOGLE,
  issue,
  JIRA,
  REFRESH_LEASE_EXPIRED_SECONDS,
  returnedReconnect,
  TOKEN_EXPIRED_SECONDS,
} from '../../harness/oauth-operations.ts';
import { SWEEP } from '../../harness/operations.ts';
import type { Process } from '../../harness/process.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';

const inDeployment = simulatedDeployments();

const CALLERS = 50;
/** Expiries in one deployment, with the same callers. */
const EXPIRIES = 2;
/** Providers whose connections are refreshed. */
const PROVIDERS = [
  ['that replaces refresh tokens', BOX],
  ['that replaces refresh tokens, with a grace period', JIRA],
  ['that keeps refresh tokens', GOOGLE],
] as const;
/** Expiries with all providers together: `REFRESHES=1000 npx vitest run <file>` makes more. */
const TOTAL_EXPIRIES = Number(process.env.REFRESHES ?? PROVIDERS.length * EXPIRIES);
const DEPLOYMENTS = Math.ceil(TOTAL_EXPIRIES / PROVIDERS.length / EXPIRIES);
/** The most calls that a refresh makes. */
const CALLS = 14;

/** A crash of a caller that begins first: the other ones begin when it makes a certain call. */
const crash = fc.record({
  othersAt: fc.nat({ max: CALLS - 1 }),
  /** The steps around the response of the provider are the ones that matter, so they come more often. */
  at: fc.oneof(fc.nat({ max: CALLS - 1 }), fc.integer({ min: 3, max: 8 })),
  kind: fc.constantFrom('crash_before' as const, 'crash_after' as const),
});
const expiry = fc.record({
  crashes: fc.array(crash, { maxLength: 3 }),
  /** True: the sweeper runs once the lease of a crashed refresh expired. */
  sweeps: fc.boolean(),
});

/** A caller that waits for the refresh of another one, for a short time of this process. */
function patient({ ports, injector }: Process): Process {
  return { injector, ports: { ...ports, backoff: () => setTimeout(5) } };
}

/** Issues credentials, and returns the access token or the code of the refusal. */
async function tokenOrCode({ ports, injector }: Process, id: string): Promise<string> {
  try {
    return (await issue(ports, id)).credentials.reveal().accessToken ?? '';
  } catch (error) {
    if (injector.crashed) return 'crashed';
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

interface Expiry {
  readonly crashes: readonly {
    readonly othersAt: number;
    readonly at: number;
    readonly kind: 'crash_before' | 'crash_after';
  }[];
  readonly sweeps: boolean;
}

/** The provider replaced the refresh token, and the process crashed before its first write. */
function isLostByCrash({ injector: { calls } }: Process, { at, kind }: Expiry['crashes'][number]): boolean {
  const command = calls[at]?.command;
  return kind === 'crash_after' ? command === 'token' : command === STORE_CALLS.put;
}

/** Crashes at the planned call, and resolves when the other callers begin. */
function crashPlan(
  { at, kind, othersAt }: Expiry['crashes'][number],
  begun: PromiseWithResolvers<void>,
): NonNullable<FaultPlan['beforeCall']> {
  return async ({ index }) => {
    if (index >= othersAt) begun.resolve();
    return index === at ? kind : undefined;
  };
}

/** 50 callers ask at once, some of them crash, and those that were kept waiting repeat. */
async function oneExpiry(
  deployment: SimulatedDeployment,
  id: string,
  providerId: string,
  callers: readonly Process[],
  { crashes, sweeps }: Expiry,
): Promise<'served' | 'lost'> {
  deployment.advance(TOKEN_EXPIRED_SECONDS);
  const refreshedBefore = refreshesOf(deployment, providerId);
  const crashing: Process[] = [];
  const first: Promise<string>[] = [];
  for (const planned of crashes) {
    const begun = Promise.withResolvers<void>();
    const process = patient(deployment.process({ beforeCall: crashPlan(planned, begun) }));
    const result = tokenOrCode(process, id).finally(begun.resolve);
    crashing.push(process);
    first.push(result);
    await begun.promise;
  }
  const others = callers.slice(crashing.length).map((process) => tokenOrCode(process, id));
  const results = await Promise.all([...first, ...others]);
  deployment.advance(REFRESH_LEASE_EXPIRED_SECONDS);
  if (sweeps) await SWEEP.run(deployment.faultless);
  const repeated = await Promise.all(
    results.map((result, index) =>
      result === 'busy' ? tokenOrCode(callers[index] ?? deployment.faultlessProcess, id) : result,
    ),
  );
  const last = await tokenOrCode(deployment.faultlessProcess, id);
  const crashed = crashing.filter(({ injector }) => injector.crashed);
  const isLost =
    providerId === BOX &&
    crashing.some((process, index) => {
      const planned = crashes[index];
      return planned !== undefined && process.injector.crashed && isLostByCrash(process, planned);
    });
  const refreshes = refreshesOf(deployment, providerId) - refreshedBefore;
  expect(refreshes, JSON.stringify(crashes)).toBeLessThanOrEqual(1 + crashed.length);
  if (crashed.length === 0) expect([refreshes, new Set(repeated).size]).toEqual([1, 1]);
  if (isLost) {
    expect(last).toBe('connection_inactive');
    const [entry] = ((await deployment.state()).history.get(id) ?? []).toReversed();
    expect(entry).toMatchObject({ type: 'status_changed', reason: 'refresh_interrupted' });
    return 'lost';
  }
  for (const token of [last, ...repeated.filter((result) => result !== 'crashed')]) {
    expect(deployment.providers.acceptsAccessToken(token), `${token} ${JSON.stringify(crashes)}`).toBe(true);
  }
  expect(deployment.providers.isCurrent(await deployment.servingFields(id))).toBe(true);
  return 'served';
}

function refreshesOf({ providers }: SimulatedDeployment, providerId: string): number {
  return providers.grantsOf(providerId, 'old').reduce((sum, { refreshed }) => sum + refreshed, 0);
}

test.each(PROVIDERS)(
  `${CALLERS} callers at once and crashes at any call cause one refresh at a provider %s, and lose none but what no client could store`,
  { timeout: 3_600_000 },
  async (_what, providerId) => {
    const outcomes = { served: 0, lost: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(expiry, { minLength: EXPIRIES, maxLength: EXPIRIES }), (expiries) =>
        inDeployment(async (deployment) => {
          const id = await addOAuthConnection(deployment, { providerId });
          const callers = Array.from({ length: CALLERS }, () => patient(deployment.process()));
          for (const each of expiries) {
            const outcome = await oneExpiry(deployment, id, providerId, callers, each);
            outcomes[outcome] += 1;
            if (outcome === 'served') continue;
            const returned = await returnedReconnect(deployment, id, 'old', providerId);
            await complete(deployment.faultless, returned);
          }
          const state = await deployment.recover();
          expect(await deployment.invariantViolations(state)).toEqual([]);
        }),
      ),
      { numRuns: DEPLOYMENTS, endOnFailure: true },
    );
    if (providerId !== BOX) expect(outcomes.lost).toBe(0);
    expect(outcomes.served + outcomes.lost).toBe(DEPLOYMENTS * EXPIRIES);
    if (process.env.REFRESHES) process.stdout.write(`${providerId}: ${JSON.stringify(outcomes)}\n`);
  },
);
