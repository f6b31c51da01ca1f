import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../shared/domain/errors.ts';
import {
  announce,
  check,
  create,
  link,
  makeConnection,
  makeFlow,
  reconnectAs,
  removeFlow,
  rename,
  unlink,
} from './operations.ts';
import { everyInterleaving, type PairStage, type Side } from './pairs.ts';
import { by, told } from './stages.ts';
import type { State } from './state.ts';
import { sweep } from './sweep.ts';
import { type Scene, World } from './world.ts';

/** Beyond the deadline of a reconnect's mark, and of a creation's intent. */
const MARK_GONE_SECONDS = 61;
const INTENT_GONE_SECONDS = 15 * 60 + 1;

const creation = (flow: string, name: string, refusals: readonly ErrorCode[] = []): Side => ({
  run: create(flow, name),
  happened: (state) => told(state, (entry) => entry.type === 'created' && by(name)(entry)),
  refusals,
});

const reconnection = (id: string, name: string, refusals: readonly ErrorCode[] = []): Side => ({
  run: reconnectAs(id, name),
  happened: (state) => told(state, (entry) => entry.type === 'reconnected' && by(name)(entry)),
  refusals,
});

const renaming = (id: string, name: string, refusals: readonly ErrorCode[] = []): Side => ({
  run: rename(id, name),
  happened: (state) => told(state, ({ type, to }) => type === 'renamed' && to?.name === name),
  refusals,
});

const linking = (id: string, flow: string, refusals: readonly ErrorCode[] = []): Side => ({
  run: link(id, flow),
  happened: (state) => told(state, ({ type, to }) => type === 'linked' && to?.flowId === flow),
  refusals,
});

const unlinking = (flow: string, refusals: readonly ErrorCode[] = []): Side => ({
  run: unlink(flow),
  happened: (state) => told(state, ({ type, from }) => type === 'unlinked' && from?.flowId === flow),
  refusals,
});

/** The last unlink, and what the stream's worker does of it. */
const disconnection = (id: string): Side => ({
  async run(ports) {
    await unlink('flow')(ports);
    await ports.retireSecret(id);
  },
  happened: (state) => told(state, ({ type }) => type === 'disconnected'),
});

async function sharedBy(scene: Scene, ...flows: readonly string[]): Promise<string> {
  const id = await makeConnection(scene, 'flow');
  for (const flow of flows) {
    await makeFlow(scene, flow);
    await link(id, flow)(scene.sound);
  }
  return id;
}

const DAY_SECONDS = 24 * 60 * 60;

/** A connection whose end is 10 days ahead, three days later: its second announcement is due, once. */
async function announcedToEnd(scene: Scene): Promise<{ readonly id: string; readonly announcing: Side }> {
  const expiresAt = new Date(scene.clock.now().getTime() + 10 * DAY_SECONDS * 1000).toISOString();
  const id = await makeConnection(scene, 'flow', 'old', expiresAt);
  scene.clock.advance(3 * DAY_SECONDS + 1);
  const announcing = {
    run: announce,
    happened: (state: State) => told(state, ({ type }) => type === 'expiring'),
  };
  return { id, announcing };
}

const PAIRS: Readonly<Record<string, PairStage>> = {
  'two reconnects': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    const sides = [
      reconnection(id, 'new', ['reconnect_in_progress']),
      reconnection(id, 'newer', ['reconnect_in_progress']),
    ] as const;
    return { sides, connections: [1] };
  },

  'a reconnect and another after its deadline': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    const sides = [
      reconnection(id, 'new', ['reconnect_in_progress', 'busy']),
      reconnection(id, 'newer', ['reconnect_in_progress', 'busy']),
    ] as const;
    return { sides, connections: [1], apartSeconds: MARK_GONE_SECONDS };
  },

  'a reconnect and a sweep after its deadline': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    const sides = [reconnection(id, 'new', ['busy']), { run: sweep }] as const;
    return { sides, connections: [1], apartSeconds: MARK_GONE_SECONDS };
  },

  'a reconnect and a rename': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    return { sides: [reconnection(id, 'new'), renaming(id, 'Another name')], connections: [1] };
  },

  'a reconnect and a check that finds the old credentials revoked': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    scene.revoked.add('old');
    return { sides: [reconnection(id, 'new'), { run: check(id) }], connections: [1] };
  },

  'a reconnect and a disconnect': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    return {
      sides: [{ run: reconnectAs(id, 'new'), refusals: ['connection_not_found'] }, disconnection(id)],
      connections: [0],
    };
  },

  'a reconnect and a move of its last step': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    const other = await makeConnection(scene, 'flow-2', 'other');
    return {
      sides: [
        { run: reconnectAs(id, 'new'), refusals: ['connection_not_found'] },
        { run: link(other, 'flow') },
      ],
      connections: [1],
    };
  },

  'a creation and a sweep after its deadline': async (scene) => {
    await makeFlow(scene, 'flow');
    const sides = [creation('flow', 'new', ['busy']), { run: sweep }] as const;
    return { sides, connections: [0, 1], apartSeconds: INTENT_GONE_SECONDS };
  },

  'two creations for one step': async (scene) => {
    await makeFlow(scene, 'flow');
    return { sides: [creation('flow', 'new'), creation('flow', 'newer')], connections: [1] };
  },

  'a creation and the removal of its flow': async (scene) => {
    await makeFlow(scene, 'flow');
    const sides = [creation('flow', 'new', ['flow_not_found']), { run: removeFlow('flow') }] as const;
    return { sides, connections: [0, 1] };
  },

  'two renames': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    return { sides: [renaming(id, 'One'), renaming(id, 'Other')], connections: [1] };
  },

  'a rename and a disconnect': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    const sides = [
      { run: rename(id, 'Other'), refusals: ['connection_not_found'] },
      unlinking('flow'),
    ] as const;
    return { sides, connections: [0] };
  },

  'two links': async (scene) => {
    const id = await sharedBy(scene);
    await makeFlow(scene, 'flow-2');
    await makeFlow(scene, 'flow-3');
    return { sides: [linking(id, 'flow-2'), linking(id, 'flow-3')], connections: [1] };
  },

  'the same link twice': async (scene) => {
    const id = await sharedBy(scene);
    await makeFlow(scene, 'flow-2');
    const { run } = linking(id, 'flow-2');
    return { sides: [{ run }, { run }], connections: [1] };
  },

  'two unlinks, one of them the last': async (scene) => {
    await sharedBy(scene, 'flow-2');
    return { sides: [unlinking('flow'), unlinking('flow-2')], connections: [0] };
  },

  'the same unlink twice': async (scene) => {
    await sharedBy(scene, 'flow-2');
    const { run } = unlinking('flow');
    const refusals = ['integration_not_found'] as const;
    return {
      sides: [
        { run, refusals },
        { run, refusals },
      ],
      connections: [1],
    };
  },

  'two announcements of the same end': async (scene) => {
    const { announcing } = await announcedToEnd(scene);
    return { sides: [announcing, announcing], connections: [1] };
  },

  'an announcement and a check that finds it revoked': async (scene) => {
    const { id } = await announcedToEnd(scene);
    scene.revoked.add('old');
    return { sides: [{ run: announce }, { run: check(id) }], connections: [1] };
  },

  'an announcement and a reconnect': async (scene) => {
    const { id } = await announcedToEnd(scene);
    return { sides: [{ run: announce }, reconnection(id, 'new')], connections: [1] };
  },

  'a link and the last unlink': async (scene) => {
    const id = await sharedBy(scene);
    await makeFlow(scene, 'flow-2');
    const sides = [linking(id, 'flow-2', ['connection_not_found']), unlinking('flow')] as const;
    return { sides, connections: [0, 1] };
  },
};

describe('in every order of the calls of two, the end is that of one after the other', {
  timeout: 60_000,
}, () => {
  test.each(Object.entries(PAIRS))('%s', async (_name, stage) => {
    expect(await World.during((world) => everyInterleaving(world, stage))).toEqual([]);
  });
});
