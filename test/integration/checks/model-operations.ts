import fc from 'fast-check';
import { checkConnection } from '../../../shared/domain/checks/check.ts';
import { createConnection } from '../../../shared/domain/connections/create.ts';
import { reconnect } from '../../../shared/domain/connections/reconnect.ts';
import { renameConnection } from '../../../shared/domain/connections/rename.ts';
import { enteredCredentials } from '../../../shared/domain/credentials/accept.ts';
import { linkIntegration, unlinkIntegration } from '../../../shared/domain/flows/link.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { reportRefusal, runAnnouncer, runScheduler } from '../../harness/invocations.ts';
import { addFlow, userNamed } from '../../harness/operations.ts';
import type { Process } from '../../harness/process.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';
import { advanceToSlot, deliverReady, drain } from './deliveries.ts';
import * as model from './model.ts';
import { type Change, existing, type Model, type ModelConnection, type ProviderMode } from './model.ts';

/** An operation with the change that it should make to the model. */
export interface ModelOperation {
  readonly change: Change;
  /** Runs before the operation and never crashes: time passes, or a provider changes. */
  prepare?(deployment: SimulatedDeployment): unknown;
  run?(process: Process, deployment: SimulatedDeployment): Promise<unknown>;
  /** Runs what follows by itself. */
  follow?(deployment: SimulatedDeployment): Promise<unknown>;
  /** True if `follow` finishes what a crash interrupted. Otherwise a crash leaves all of it, nothing, or `remains`. */
  readonly isFinished?: true;
  readonly remains?: Change;
}

/** Decides what an operation is for the current model, with its description; null when it is impossible. */
export type PossibleOperation = readonly [
  description: string,
  (current: Model, now: number) => ModelOperation | null,
];

const PROVIDERS = ['notion', 'github'] as const;
const FLOWS = ['flow-1', 'flow-2', 'flow-3'] as const;
const STEPS = FLOWS.flatMap((flow) => ['a', 'b'].map((step) => `${flow}/${step}`));
const MODES: readonly ProviderMode[] = ['none', 'down', 'garbage', 'forbidden'];
const HOUR_MS = 3_600_000;
const DAY_SECONDS = 24 * 60 * 60;
const MINUTE_SECONDS = 60;
/** Longer than the deduplication window of reports. */
const NEXT_REPORT_SECONDS = 6;
const SOMEONE = userNamed('someone');

/** Creates the flows of all operations. */
export async function addFlows(deployment: SimulatedDeployment): Promise<void> {
  for (const flow of FLOWS) await addFlow(deployment, flow);
}

const stepRef = (step: string) => {
  const [flowId = '', stepId = ''] = step.split('/');
  return { projectId: PROJECT, flowId, stepId };
};

/** Finds a connection by the user who created it. */
async function findRef({ faultless }: SimulatedDeployment, connection: ModelConnection) {
  const all = { projectId: PROJECT, sort: 'connectedAt', order: 'asc', limit: 100, after: null } as const;
  const { items } = await faultless.connections.list(all);
  const connectionId = items.find(({ createdBy }) => createdBy === connection.createdBy)?.id ?? 'none';
  return { projectId: PROJECT, connectionId, expected: null };
}

/** New credentials of an account that expire after some days, or never. */
interface CredentialsChoice {
  readonly account: string;
  readonly days: number | null;
  /** True if the provider accepts them. */
  readonly isAccepted: boolean;
}

/** Makes the request that enters credentials which nobody entered before. */
function enter(
  provider: string,
  { account, days, isAccepted }: CredentialsChoice,
  { enteredCount }: Model,
  now: number,
) {
  const user = `c${enteredCount}-${account}`;
  const expiresAt = days === null ? null : Math.floor(now / HOUR_MS) * HOUR_MS + days * DAY_SECONDS * 1000;
  return {
    request: {
      actor: userNamed(user),
      candidate: {
        credentials: credentialsNamed(provider, user),
        expiresAt: expiresAt === null ? undefined : new Date(expiresAt).toISOString(),
      },
    },
    prepare: ({ providers }: SimulatedDeployment) =>
      isAccepted ? providers.accept(provider, user) : undefined,
    /** Adds to the change of the operation that the credentials were entered. */
    entering:
      (change: (entered: model.EnteredCredentials) => Change): Change =>
      (draft, at) => {
        draft.enteredCount += 1;
        if (isAccepted) draft.accepted.add(user);
        return change({ user, account, expiresAt })(draft, at);
      },
  };
}

const createIn = (providerId: string, step: string, choice: CredentialsChoice): PossibleOperation => [
  `create in ${step} at ${providerId} with ${describe(choice)}`,
  (current, now) => {
    const { entering, prepare, request } = enter(providerId, choice, current, now);
    const { candidate, actor } = request;
    const creation = { ...stepRef(step), providerId, name: actor.id, actor };
    return {
      prepare,
      run: ({ ports }) =>
        createConnection({ ...creation, source: enteredCredentials(candidate, ports) }, ports),
      change: entering((credentials) => model.create(providerId, step, credentials)),
    };
  },
];

/** An operation on one of the existing connections. */
const onConnection = (
  description: string,
  which: number,
  operation: (connection: ModelConnection, current: Model, now: number) => ModelOperation,
): PossibleOperation => [
  `${description} connection ${which}`,
  (current, now) => {
    const all = existing(current);
    const connection = all[which % all.length];
    return connection ? operation(connection, current, now) : null;
  },
];

const reconnectOne = (
  which: number,
  choice: CredentialsChoice,
  allowAccountChange: boolean,
): PossibleOperation =>
  onConnection(
    `with ${describe(choice)}${allowAccountChange ? ', of any account' : ''}, reconnect`,
    which,
    (connection, current, now) => {
      const { entering, prepare, request } = enter(connection.provider, choice, current, now);
      return {
        prepare,
        run: async ({ ports }, deployment) => {
          const { candidate, actor } = request;
          const source = enteredCredentials(candidate, ports);
          const ref = await findRef(deployment, connection);
          return reconnect({ ...ref, allowAccountChange, source, actor }, ports);
        },
        change: entering((credentials) =>
          model.reconnect(connection.createdBy, credentials, allowAccountChange),
        ),
        remains: model.interruptReconnect(connection.createdBy),
      };
    },
  );

const renameOne = (which: number, name: string): PossibleOperation =>
  onConnection(`to ${name}, rename`, which, (connection) => ({
    run: async ({ ports }, deployment) =>
      renameConnection({ ...(await findRef(deployment, connection)), name, actor: SOMEONE }, ports),
    change: model.rename(connection.createdBy, name),
  }));

const linkOne = (which: number, step: string): PossibleOperation =>
  onConnection(`link ${step} to`, which, (connection) => ({
    run: async ({ ports }, deployment) => {
      const ref = await findRef(deployment, connection);
      const link = { ...stepRef(step), ...ref, providerId: connection.provider, actor: SOMEONE };
      return linkIntegration(link, ports);
    },
    change: model.link(connection.createdBy, step),
  }));

const unlink = (step: string): PossibleOperation => [
  `unlink ${step}`,
  () => ({
    run: ({ ports }) => unlinkIntegration({ ...stepRef(step), expected: null, actor: SOMEONE }, ports),
    change: model.unlink(step),
  }),
];

/** A provider revokes credentials, or accepts them again. */
const setAccepted = (isAccepted: boolean, which: number): PossibleOperation =>
  onConnection(isAccepted ? 'restore' : 'revoke', which, ({ provider, credentials }) => ({
    prepare: ({ providers }) => providers[isAccepted ? 'accept' : 'revoke'](provider, credentials),
    change: ({ accepted }) => {
      accepted[isAccepted ? 'add' : 'delete'](credentials);
      return null;
    },
  }));

const setMode = (provider: string, mode: ProviderMode): PossibleOperation => [
  `set ${provider} to ${mode}`,
  () => ({
    prepare: ({ providers }) => providers.setFault(provider, mode),
    change: ({ providerModes }) => {
      providerModes.set(provider, mode);
      return null;
    },
  }),
];

const checkOne = (which: number): PossibleOperation =>
  onConnection('check', which, (connection) => ({
    run: async ({ ports }, deployment) =>
      checkConnection({ ...(await findRef(deployment, connection)), actor: SOMEONE }, ports),
    change: model.check(connection.createdBy, 'user'),
  }));

const reportOne = (which: number): PossibleOperation =>
  onConnection('report a refusal of', which, (connection) => ({
    prepare: (deployment) => deployment.advance(NEXT_REPORT_SECONDS),
    run: async ({ ports }, deployment) => reportRefusal(await findRef(deployment, connection), ports),
    follow: drain,
    change: model.check(connection.createdBy, 'system'),
  }));

const CHECK_ALL: PossibleOperation = [
  'the next scheduled checks',
  () => ({
    prepare: advanceToSlot,
    async run(process, deployment) {
      await runScheduler(process.ports);
      await deliverReady(deployment, process);
    },
    async follow(deployment) {
      deployment.advance(MINUTE_SECONDS);
      await runScheduler(deployment.faultless);
      await drain(deployment);
    },
    isFinished: true,
    change: model.checkAll,
  }),
];

const passDays = (days: number): PossibleOperation => [
  `${days} days pass`,
  () => ({
    prepare: (deployment) => deployment.advance(days * DAY_SECONDS),
    run: ({ ports }) => runAnnouncer(ports),
    async follow(deployment) {
      deployment.advance(MINUTE_SECONDS);
      await runAnnouncer(deployment.faultless);
    },
    isFinished: true,
    change: model.announceAll,
  }),
];

function describe({ account, days, isAccepted }: CredentialsChoice): string {
  const expiry = days === null ? '' : `, expiring after ${days} days`;
  return `${isAccepted ? '' : 'unknown '}credentials of account ${account}${expiry}`;
}

const which = fc.nat({ max: 3 });
const step = fc.constantFrom(...STEPS);
const provider = fc.constantFrom(...PROVIDERS);
const credentials = (isAccepted: fc.Arbitrary<boolean>) =>
  fc.record({
    account: fc.constantFrom('one', 'one', 'two'),
    days: fc.constantFrom(null, 1, 5, 10, 20),
    isAccepted,
  });
const accepted = credentials(fc.constant(true));
const mostlyAccepted = credentials(fc.constantFrom(true, true, true, false));
const mode = fc.constantFrom(...MODES);

/** All operations; those with more cases are more frequent. */
export const OPERATIONS: readonly fc.WeightedArbitrary<PossibleOperation>[] = [
  { weight: 6, arbitrary: fc.tuple(provider, step, accepted).map((drawn) => createIn(...drawn)) },
  {
    weight: 3,
    arbitrary: fc.tuple(which, mostlyAccepted, fc.boolean()).map((drawn) => reconnectOne(...drawn)),
  },
  { weight: 1, arbitrary: fc.tuple(which, fc.constantFrom('A', 'B')).map((drawn) => renameOne(...drawn)) },
  { weight: 2, arbitrary: fc.tuple(which, step).map((drawn) => linkOne(...drawn)) },
  { weight: 2, arbitrary: step.map(unlink) },
  { weight: 2, arbitrary: which.map((one) => setAccepted(false, one)) },
  { weight: 1, arbitrary: which.map((one) => setAccepted(true, one)) },
  { weight: 2, arbitrary: fc.tuple(provider, mode).map((drawn) => setMode(...drawn)) },
  { weight: 1, arbitrary: which.map(checkOne) },
  { weight: 1, arbitrary: which.map(reportOne) },
  { weight: 4, arbitrary: fc.constant(CHECK_ALL) },
  { weight: 3, arbitrary: fc.constantFrom(1, 6, 9).map(passDays) },
];
