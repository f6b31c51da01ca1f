import { DomainError, type ErrorCode } from '../../../shared/domain/errors.ts';
import {
  check,
  create,
  dieAt,
  link,
  makeConnection,
  makeFlow,
  reconnectAs,
  removeFlow,
  rename,
  unlink,
} from './operations.ts';
import type { Entry, State } from './state.ts';
import { sweep } from './sweep.ts';
import { type Ports, PROJECT, type Scene } from './world.ts';

/** An operation on a stage that was set for it. */
export interface Act {
  run(ports: Ports): Promise<unknown>;
  /** How often what it is for has happened, by the history or by what is there. */
  happened(state: State): number;
  /** How many connections there are before, and once it has happened. */
  readonly connections: readonly [before: number, after: number];
  /** The refusals that are answers as good as any: always, or when it had happened before. */
  readonly responses?: readonly ErrorCode[];
  readonly answersAfterwards?: readonly ErrorCode[];
  /** Whether an answer may say that nothing happened, as a check's does when the provider cannot be asked. */
  readonly mayFind?: 'nothing';
  /** Whether it goes in several commits, so that it may have happened in part; then a second try ends it. */
  readonly inParts?: boolean;
}

export type Stage = (scene: Scene) => Promise<Act>;

/** Whether an error is a refusal with one of these codes. */
export function isAnswer(error: unknown, codes: readonly ErrorCode[] = []): boolean {
  return error instanceof DomainError && codes.includes(error.code);
}

export const told = (state: State, fits: (entry: Entry) => boolean) =>
  [...state.history.values()].flat().filter(fits).length;

export const by = (name: string) => (entry: Entry) => entry.actor.type === 'user' && entry.actor.id === name;

/** What changes one connection. */
export const CONNECTION_STAGES: Readonly<Record<string, Stage>> = {
  reconnect: async (scene) => {
    const id = await makeConnection(scene, 'flow');
    return {
      run: reconnectAs(id, 'new'),
      happened: (state) => told(state, ({ type }) => type === 'reconnected'),
      connections: [1, 1],
    };
  },

  'reconnect what is inactive': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    scene.revoked.add('old');
    await check(id)(scene.sound);
    return {
      run: reconnectAs(id, 'new'),
      happened: (state) => told(state, ({ type }) => type === 'reconnected'),
      connections: [1, 1],
    };
  },

  'reconnect with credentials that are refused': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    scene.revoked.add('new');
    return {
      run: reconnectAs(id, 'new'),
      happened: (state) => told(state, ({ reason }) => reason === 'access_revoked'),
      connections: [1, 1],
      responses: ['credentials_rejected'],
    };
  },

  rename: async (scene) => {
    const id = await makeConnection(scene, 'flow');
    return {
      run: rename(id, 'Another name'),
      happened: (state) => told(state, ({ type }) => type === 'renamed'),
      connections: [1, 1],
    };
  },

  'check what was revoked': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    scene.revoked.add('old');
    return {
      run: check(id),
      happened: (state) => told(state, ({ type }) => type === 'status_changed'),
      connections: [1, 1],
      mayFind: 'nothing',
    };
  },
};

/** What changes the steps of flows, and makes and ends connections with that. */
export const FLOW_STAGES: Readonly<Record<string, Stage>> = {
  'create a connection': async (scene) => {
    await makeFlow(scene, 'flow');
    return {
      run: create('flow', 'new'),
      happened: (state) => told(state, (entry) => entry.type === 'created'),
      connections: [0, 1],
    };
  },

  'create a connection in place of another': async (scene) => {
    await makeConnection(scene, 'flow');
    return {
      run: create('flow', 'new'),
      happened: (state) => told(state, (entry) => entry.type === 'created' && by('new')(entry)),
      connections: [1, 1],
    };
  },

  'link another step': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await makeFlow(scene, 'flow-2');
    return {
      run: link(id, 'flow-2'),
      happened: (state) => told(state, ({ type, to }) => type === 'linked' && to?.flowId === 'flow-2'),
      connections: [1, 1],
    };
  },

  'move a step to another connection': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await makeConnection(scene, 'flow-2', 'other');
    return {
      run: link(id, 'flow-2'),
      happened: (state) => told(state, ({ type }) => type === 'disconnected'),
      connections: [2, 1],
    };
  },

  'unlink one of two flows': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await makeFlow(scene, 'flow-2');
    await link(id, 'flow-2')(scene.sound);
    return {
      run: unlink('flow-2'),
      happened: (state) => told(state, ({ type }) => type === 'unlinked'),
      connections: [1, 1],
      answersAfterwards: ['integration_not_found'],
    };
  },

  disconnect: async (scene) => {
    await makeConnection(scene, 'flow');
    return {
      run: unlink('flow'),
      happened: (state) => told(state, ({ type }) => type === 'disconnected'),
      connections: [1, 0],
      answersAfterwards: ['integration_not_found'],
    };
  },

  'remove a flow': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await makeConnection(scene, 'flow-2', 'other');
    await link(id, 'flow-2', 'step-2')(scene.sound);
    return {
      run: removeFlow('flow-2'),
      happened: (state) => Number(!state.flows.has(`${PROJECT}/flow-2`)),
      connections: [2, 1],
      answersAfterwards: ['flow_not_found'],
      inParts: true,
    };
  },
};

/** What clears up. */
export const SWEEP_STAGES: Readonly<Record<string, Stage>> = {
  'sweep a creation': async (scene) => {
    await makeFlow(scene, 'flow');
    await dieAt(scene, 'CreateSecretCommand', 'crash_after', create('flow', 'new'));
    scene.clock.advance(16 * 60);
    return {
      run: sweep,
      happened: (state) => Number(state.intents.length === 0),
      connections: [0, 0],
    };
  },

  'sweep a reconnect': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await dieAt(scene, 'PutSecretValueCommand', 'crash_after', reconnectAs(id, 'new'));
    scene.clock.advance(61);
    return {
      run: sweep,
      happened: (state) => told(state, ({ type }) => type === 'reconnect_failed'),
      connections: [1, 1],
    };
  },

  'retire a secret': async (scene) => {
    const id = await makeConnection(scene, 'flow');
    await unlink('flow')(scene.sound);
    return {
      run: ({ retireSecret }) => retireSecret(id),
      happened: ({ secrets }) => secrets.filter(({ scheduledForDeletion }) => scheduledForDeletion).length,
      connections: [0, 0],
    };
  },
};
