import fc from 'fast-check';
import { checkConnection } from '../../../shared/domain/connections/check.ts';
import { reconnect } from '../../../shared/domain/connections/reconnect.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { connectIntegration } from '../../../shared/domain/flows/connect.ts';
import { linkIntegration } from '../../../shared/domain/flows/link.ts';
import { saveFlow } from '../../../shared/domain/flows/save.ts';
import { unlinkIntegration } from '../../../shared/domain/flows/unlink.ts';
import { PROJECT, person } from '../protocols/world.ts';
import { deliver } from './check-stages.ts';
import type { Deployment } from './deployment.ts';
import { reportRefusal, runAnnouncer, runScheduler } from './functions.ts';
import * as model from './model.ts';
import { type Change, living, type Mode, type Model, type Modelled } from './model.ts';
import type { Process } from './process.ts';
import { credentialsNamed } from './third-parties.ts';

/** What a command does, and what it should lead to. */
export interface Act {
  readonly change: Change;
  /** What comes before and is not cut short: time passes, a third party changes. */
  prepare?(deployment: Deployment): unknown;
  run?(process: Process, deployment: Deployment): Promise<unknown>;
  /** What comes after without anyone's doing. */
  follow?(deployment: Deployment): Promise<unknown>;
  /** Whether that ends what a crash cut short; otherwise a crash leaves all of it or nothing, or what remains. */
  readonly certain?: true;
  readonly remains?: Change;
}

/** What a command is in the present case, in words; null where there is nothing for it to do. */
export type Possible = readonly [words: string, (current: Model, now: number) => Act | null];

const PROVIDERS = ['notion', 'github'] as const;
const FLOWS = ['flow-1', 'flow-2', 'flow-3'] as const;
const STEPS = FLOWS.flatMap((flow) => ['a', 'b'].map((step) => `${flow}/${step}`));
const MODES: readonly Mode[] = ['none', 'down', 'garbage', 'forbidden'];
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 24 * 60 * 60;
/** A report within 5 s of another stands for nothing. */
const NEXT_REPORT_SECONDS = 6;
const SOMEONE = person('someone');

/** Makes the flows that all of it happens in. */
export async function makeFlows({ sound }: Deployment): Promise<void> {
  for (const flowId of FLOWS) await saveFlow({ projectId: PROJECT, flowId, name: flowId }, sound);
}

const placeOf = (step: string) => {
  const [flowId = '', stepId = ''] = step.split('/');
  return { projectId: PROJECT, flowId, stepId };
};

/** Which connection goes by the name of who made it. */
async function refTo({ sound }: Deployment, { by }: Modelled) {
  const all = { projectId: PROJECT, sort: 'connectedAt', order: 'asc', limit: 100, after: null } as const;
  const { items } = await sound.connections(all);
  const connectionId = items.find(({ createdBy }) => createdBy === by)?.id ?? 'none';
  return { projectId: PROJECT, connectionId, expected: null };
}

/** New credentials of an account, known to their provider or not, that end after some days or never. */
interface Bringing {
  readonly account: string;
  readonly days: number | null;
  readonly known: boolean;
}

/** Credentials that nobody has brought before. */
function bring(provider: string, { account, days, known }: Bringing, { brought }: Model, now: number) {
  const by = `c${brought}-${account}`;
  const ends = days === null ? null : Math.floor(now / HOUR_MS) * HOUR_MS + days * DAY_SECONDS * 1000;
  return {
    actor: person(by),
    credentials: credentialsNamed(provider, by),
    expiresAt: ends === null ? undefined : new Date(ends).toISOString(),
    prepare: ({ providers }: Deployment) => (known ? providers.accept(provider, by) : undefined),
    /** The change that comes of it, with what else does. */
    bringing:
      (change: (brought: model.Brought) => Change): Change =>
      (draft, at) => {
        draft.brought += 1;
        if (known) draft.accepted.add(by);
        return change({ by, account, expiresAt: ends })(draft, at);
      },
  };
}

const connect = (providerId: string, step: string, given: Bringing): Possible => [
  `connect ${step} to ${providerId} with ${wordsOf(given)}`,
  (current, now) => {
    const { bringing, prepare, ...brought } = bring(providerId, given, current, now);
    const request = { ...placeOf(step), providerId, name: brought.actor.id, ...brought };
    return {
      prepare,
      run: ({ ports }) => connectIntegration(request, ports),
      change: bringing((credentials) => model.connect(providerId, step, credentials)),
    };
  },
];

/** An act on one of the connections that there are. */
const onOne = (words: string, which: number, act: (one: Modelled, current: Model, now: number) => Act) =>
  [
    `${words} connection ${which}`,
    (current: Model, now: number) => {
      const all = living(current);
      const one = all[which % all.length];
      return one ? act(one, current, now) : null;
    },
  ] satisfies Possible;

const reconnectOne = (which: number, given: Bringing, allowAccountChange: boolean): Possible =>
  onOne(
    `with ${wordsOf(given)}${allowAccountChange ? ', of any account' : ''}, reconnect`,
    which,
    (one, current, now) => {
      const { bringing, prepare, ...brought } = bring(one.provider, given, current, now);
      return {
        prepare,
        run: async ({ ports }, deployment) =>
          reconnect({ ...(await refTo(deployment, one)), allowAccountChange, ...brought }, ports),
        change: bringing((credentials) => model.reconnect(one.by, credentials, allowAccountChange)),
        remains: model.interruptReconnect(one.by),
      };
    },
  );

const renameOne = (which: number, name: string): Possible =>
  onOne(`to ${name} rename`, which, (one) => ({
    run: async ({ ports }, deployment) =>
      renameConnection({ ...(await refTo(deployment, one)), name, actor: SOMEONE }, ports),
    change: model.rename(one.by, name),
  }));

const linkOne = (which: number, step: string): Possible =>
  onOne(`${step} to link to`, which, (one) => ({
    run: async ({ ports }, deployment) =>
      linkIntegration(
        { ...placeOf(step), ...(await refTo(deployment, one)), providerId: one.provider, actor: SOMEONE },
        ports,
      ),
    change: model.link(one.by, step),
  }));

const unlink = (step: string): Possible => [
  `unlink ${step}`,
  () => ({
    run: ({ ports }) => unlinkIntegration({ ...placeOf(step), expected: null, actor: SOMEONE }, ports),
    change: model.unlink(step),
  }),
];

const revokeOne = (which: number): Possible =>
  onOne('revoke', which, ({ provider, credentials }) => ({
    prepare: ({ providers }) => providers.revoke(provider, credentials),
    change: ({ accepted }) => {
      accepted.delete(credentials);
      return null;
    },
  }));

const restoreOne = (which: number): Possible =>
  onOne('restore', which, ({ provider, credentials }) => ({
    prepare: ({ providers }) => providers.accept(provider, credentials),
    change: ({ accepted }) => {
      accepted.add(credentials);
      return null;
    },
  }));

const trouble = (provider: string, mode: Mode): Possible => [
  mode === 'none' ? `${provider} is well` : `${provider} is ${mode}`,
  () => ({
    prepare: ({ providers }) => providers.fault(provider, mode),
    change: ({ modes }) => {
      modes.set(provider, mode);
      return null;
    },
  }),
];

const checkOne = (which: number): Possible =>
  onOne('check', which, (one) => ({
    run: async ({ ports }, deployment) =>
      checkConnection({ ...(await refTo(deployment, one)), actor: SOMEONE }, ports),
    change: model.check(one.by, 'user'),
  }));

const reportOne = (which: number): Possible =>
  onOne('report a refusal of', which, (one) => ({
    prepare: (deployment) => deployment.advance(NEXT_REPORT_SECONDS),
    run: async ({ ports }, deployment) => reportRefusal(await refTo(deployment, one), ports),
    follow: (deployment) => deployment.drain(),
    change: model.check(one.by, 'system'),
  }));

const TURN: Possible = [
  'the next turn of checks',
  () => ({
    prepare: (deployment) => deployment.untilDue(),
    async run(process, deployment) {
      await runScheduler(process.ports);
      await deliver(deployment, process);
    },
    async follow(deployment) {
      deployment.nextMinute();
      await runScheduler(deployment.sound);
      await deployment.drain();
    },
    certain: true,
    change: model.checkAll,
  }),
];

const pass = (days: number): Possible => [
  `${days} days pass`,
  () => ({
    prepare: (deployment) => deployment.advance(days * DAY_SECONDS),
    run: ({ ports }) => runAnnouncer(ports),
    async follow(deployment) {
      deployment.nextMinute();
      await runAnnouncer(deployment.sound);
    },
    certain: true,
    change: model.announceAll,
  }),
];

function wordsOf({ account, days, known }: Bringing): string {
  const end = days === null ? '' : `, ending after ${days} days`;
  return `${known ? '' : 'unknown '}credentials of account ${account}${end}`;
}

const which = fc.nat({ max: 3 });
const step = fc.constantFrom(...STEPS);
const provider = fc.constantFrom(...PROVIDERS);
const given = (known: fc.Arbitrary<boolean>) =>
  fc.record({
    account: fc.constantFrom('one', 'one', 'two'),
    days: fc.constantFrom(null, 1, 5, 10, 20),
    known,
  });
const known = given(fc.constant(true));
const known3of4 = given(fc.constantFrom(true, true, true, false));

/** Everything that can happen, the more often the more there is to it. */
export const ACTS: readonly fc.WeightedArbitrary<Possible>[] = [
  { weight: 6, arbitrary: fc.tuple(provider, step, known).map((drawn) => connect(...drawn)) },
  { weight: 3, arbitrary: fc.tuple(which, known3of4, fc.boolean()).map((drawn) => reconnectOne(...drawn)) },
  { weight: 1, arbitrary: fc.tuple(which, fc.constantFrom('A', 'B')).map((drawn) => renameOne(...drawn)) },
  { weight: 2, arbitrary: fc.tuple(which, step).map((drawn) => linkOne(...drawn)) },
  { weight: 2, arbitrary: step.map(unlink) },
  { weight: 2, arbitrary: which.map(revokeOne) },
  { weight: 1, arbitrary: which.map(restoreOne) },
  { weight: 2, arbitrary: fc.tuple(provider, fc.constantFrom(...MODES)).map((drawn) => trouble(...drawn)) },
  { weight: 1, arbitrary: which.map(checkOne) },
  { weight: 1, arbitrary: which.map(reportOne) },
  { weight: 4, arbitrary: fc.constant(TURN) },
  { weight: 3, arbitrary: fc.constantFrom(1, 6, 9).map(pass) },
];
