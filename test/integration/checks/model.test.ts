import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toEvent } from '../../../shared/domain/events/relay.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { runDigests, runNotifier, runRelay } from '../../harness/invocations.ts';
import { simulatedDeployments } from '../../harness/simulated-deployments.ts';
import type { StoredState } from '../../harness/stored-state.ts';
import { existing, isExpiring, type Model, type ModelConnection } from './model.ts';
import { command, initialModel } from './model-commands.ts';
import { compareModel, compareStored } from './model-comparison.ts';
import { addFlows } from './model-operations.ts';

const SEQUENCES = 40;
const COMMANDS = 25;
/** Time to shrink a failing sequence; a green run takes a few seconds. */
const timeout = 180_000;

const inDeployment = simulatedDeployments();

/** The lists and counts have what the model has. */
async function expectLists({ faultless }: SimulatedDeployment, model: Model): Promise<void> {
  const query = { projectId: PROJECT, sort: 'connectedAt', order: 'asc', limit: 100, after: null } as const;
  const creatorsOf = async (filter: { status?: 'active' | 'inactive'; expiring?: true }) =>
    (await faultless.connections.list({ ...query, ...filter })).items
      .map(({ createdBy }) => createdBy)
      .sort();
  const expected = (matches: (connection: ModelConnection) => boolean) =>
    existing(model)
      .filter(matches)
      .map(({ createdBy }) => createdBy)
      .sort();
  const active = expected(({ status }) => status === 'active');
  const inactive = expected(({ status }) => status === 'inactive');
  expect(await creatorsOf({ status: 'active' })).toEqual(active);
  expect(await creatorsOf({ status: 'inactive' })).toEqual(inactive);
  expect(await creatorsOf({ expiring: true })).toEqual(expected(isExpiring));
  const counts = { all: active.length + inactive.length, active: active.length, inactive: inactive.length };
  expect(await faultless.roles.read({ projectId: PROJECT })).toMatchObject({ counts });
}

/** Each history entry is one event, in order; subscribers are notified once of what concerns them. */
async function expectEvents(deployment: SimulatedDeployment, { history }: StoredState): Promise<void> {
  expect(await runRelay(await deployment.historyRecords(), deployment.faultless)).toEqual([]);
  const published = deployment.publishedEvents(new Set(history.keys()));
  for (const [id, entries] of history) {
    expect(published.filter(({ connectionId }) => connectionId === id)).toEqual(entries.map(toEvent));
  }
  const notified = published.filter(({ type }) => type === 'status_changed' || type === 'expiring');
  for (const event of [...notified, ...notified]) {
    await runNotifier(event, deployment.faultless);
    // Closes the window, so that the next notice is sent at once again.
    await runDigests(deployment.faultless);
  }
  expect(deployment.notices()).toHaveLength(notified.length);
}

test('any sequence of operations, with crashes, ends in the state of a simple model', { timeout }, () =>
  fc.assert(
    fc.asyncProperty(fc.commands([command], { maxCommands: COMMANDS, size: 'max' }), (commands) =>
      inDeployment(async (deployment) => {
        await addFlows(deployment);
        const current = initialModel();
        await fc.asyncModelRun(() => ({ model: current, real: deployment }), commands);
        const state = await deployment.recover();
        expect(compareStored(state)).toEqual(compareModel(current.model));
        expect(await deployment.invariantViolations(state)).toEqual([]);
        await expectLists(deployment, current.model);
        await expectEvents(deployment, state);
      }),
    ),
    { numRuns: SEQUENCES },
  ),
);
