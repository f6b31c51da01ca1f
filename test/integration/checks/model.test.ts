import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventOf } from '../../../shared/domain/connections/event.ts';
import type { State } from '../protocols/state.ts';
import { PROJECT } from '../protocols/world.ts';
import { Deployment } from './deployment.ts';
import { runNotifier, runRelay } from './functions.ts';
import { isExpiring, living, type Model } from './model.ts';
import { makeFlows } from './model-acts.ts';
import { beginning, command } from './model-commands.ts';
import { expectedOf, observedIn } from './observed.ts';
import { Surroundings } from './surroundings.ts';

const SEQUENCES = 40;
const COMMANDS = 25;
/** Room to cut a sequence that fails down to what matters; a green run takes a few seconds. */
const timeout = 180_000;

/** The lists and counts as people get them. */
async function expectLists({ sound }: Deployment, model: Model): Promise<void> {
  const query = { projectId: PROJECT, sort: 'connectedAt', order: 'asc', limit: 100, after: null } as const;
  const names = async (filter: { status?: 'active' | 'inactive'; expiring?: true }) =>
    (await sound.connections({ ...query, ...filter })).items.map(({ createdBy }) => createdBy).sort();
  const expected = (fits: (one: Model['connections'][number]) => boolean) =>
    living(model)
      .filter(fits)
      .map(({ by }) => by)
      .sort();
  const active = expected(({ status }) => status === 'active');
  const inactive = expected(({ status }) => status === 'inactive');
  expect(await names({ status: 'active' })).toEqual(active);
  expect(await names({ status: 'inactive' })).toEqual(inactive);
  expect(await names({ expiring: true })).toEqual(expected(isExpiring));
  const counts = { all: active.length + inactive.length, active: active.length, inactive: inactive.length };
  expect(await sound.counts(PROJECT)).toEqual(counts);
}

/** Each entry of the history is one event on the bus, in its order; people are told once of what they have to be. */
async function expectEvents(deployment: Deployment, { history }: State): Promise<void> {
  expect(await runRelay(await deployment.streamed(), deployment.sound)).toEqual([]);
  const published = deployment.published(new Set(history.keys()));
  for (const [id, entries] of history) {
    expect(published.filter(({ connectionId }) => connectionId === id)).toEqual(entries.map(eventOf));
  }
  const toTell = published.filter(({ type }) => type === 'status_changed' || type === 'expiring');
  for (const event of [...toTell, ...toTell]) await runNotifier(event, deployment.sound);
  expect(deployment.told()).toHaveLength(toTell.length);
}

test('whatever happens, in any order and with crashes, ends as a simple model says', { timeout }, () =>
  Surroundings.during((surroundings) =>
    fc.assert(
      fc.asyncProperty(fc.commands([command], { maxCommands: COMMANDS, size: 'max' }), (commands) =>
        Deployment.play(surroundings, async (deployment) => {
          await makeFlows(deployment);
          const current = beginning();
          await fc.asyncModelRun(() => ({ model: current, real: deployment }), commands);
          await deployment.scene.recover();
          const state = await deployment.state();
          expect(observedIn(state)).toEqual(expectedOf(current.model));
          expect(await deployment.breaches(state)).toEqual([]);
          await expectLists(deployment, current.model);
          await expectEvents(deployment, state);
        }),
      ),
      { numRuns: SEQUENCES },
    ),
  ),
);
