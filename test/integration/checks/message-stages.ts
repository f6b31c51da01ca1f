import { isDeepStrictEqual } from 'node:util';
import { eventOf } from '../../../shared/domain/connections/event.ts';
import { historyEntry } from '../../../shared/domain/connections/history.ts';
import { timestamp } from '../../../shared/domain/time.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { PROJECT, person } from '../protocols/world.ts';
import type { Deployment } from './deployment.ts';
import type { Befalling, Stage, Work } from './every-fault.ts';
import { askCredentials, reportRefusal, runNotifier, runRelay } from './functions.ts';
import type { Process } from './process.ts';
import { credentialsNamed } from './third-parties.ts';

/** More than go into one request to the bus. */
const ENTRIES = 12;
/** After which the next run of a flow has met the same refusal; one who was told of a fault asks again at once. */
const NEXT_REPORT_SECONDS = 6;
/** After which Lambda delivers again what it was invoked with by an event; a claim has run out by then. */
const NEXT_TRY_SECONDS = 61;

/** Has so many more things happen to a connection. */
async function happen(deployment: Deployment, connectionId: string, times: number): Promise<void> {
  const { sound } = deployment;
  const stored = await sound.findConnection(PROJECT, connectionId);
  if (!stored) throw new Error('There is no connection.');
  const at = timestamp(deployment.now());
  const by = { actor: person('someone'), at };
  const history = Array.from({ length: times }, () =>
    historyEntry(stored.connection, { type: 'renamed', to: { name: 'New' } }, by, sound),
  );
  await sound.commit({ history });
}

/** What carries events and notices. */
export const MESSAGE_STAGES: Readonly<Record<string, Stage>> = {
  'publish the history': async (deployment) => {
    const id = await deployment.connected('trello', 'jo');
    await happen(deployment, id, ENTRIES - 2);
    const records = await deployment.streamed();
    let left = records;
    return {
      async run({ ports, wire }) {
        const again = await runRelay(records, ports);
        if (wire.crashed) return false;
        left = again;
        return again.length === 0;
      },
      async follow() {
        if (left.length > 0) left = await runRelay(left, deployment.sound);
      },
      async wrong(befallen) {
        const { history } = await deployment.state();
        const entries = (history.get(id) ?? []).map(eventOf);
        const published = deployment.published(new Set([id]));
        // In the order in which they came first.
        const events = [...new Map(published.toReversed().map((event) => [event.eventId, event])).values()];
        const inOrder = events.toSorted((a, b) => published.indexOf(a) - published.indexOf(b));
        const once = published.length === entries.length;
        return [
          ...(entries.length === ENTRIES && left.length === 0 ? [] : ['not all of it was handled']),
          ...(isDeepStrictEqual(inOrder, entries)
            ? []
            : ['the events are not those of the history, in order']),
          ...(once || mayRepeat(befallen) ? [] : [`${published.length} events came of ${entries.length}`]),
        ];
      },
    };
  },

  'tell people of a turn': async (deployment) => {
    const event = turned(deployment);
    return {
      async run({ ports }) {
        await runNotifier(event, ports);
        return true;
      },
      async follow() {
        deployment.advance(NEXT_TRY_SECONDS);
        // Deliveries repeat, also of what is done.
        await runNotifier(event, deployment.sound);
        await runNotifier(event, deployment.sound);
      },
      async wrong(befallen) {
        const told = deployment.told();
        const strange = told.filter(({ text }) => !text.includes(event.eventId));
        const once = told.length === 1;
        return [
          ...(once || (told.length > 1 && mayRepeat(befallen)) ? [] : [`it was told ${told.length} times`]),
          ...strange.map(({ subject }) => `something else was told: ${subject}`),
        ];
      },
    };
  },
};

/**
 * Whether something that cannot be taken back, an event or a notice, was sent by one who does not know it or cannot
 * write it down any more. To send it again is the least that loses nothing; it has the same id then.
 */
function mayRepeat(befallen: Befalling | undefined): boolean {
  if (!befallen) return false;
  const { call, fault } = befallen;
  const isSending = call.service === 'eventbridge' || call.service === 'sns';
  const isLost = fault.kind === 'timeout_after' || fault.kind === 'crash_after';
  const isUnwritten = call.service === 'dynamodb' && fault.lasting && fault.kind === 'server_error';
  return (isSending && isLost) || (call.index > 0 && (isUnwritten || fault.kind === 'crash_before'));
}

function turned(deployment: Deployment): ConnectionEvent {
  const { sound } = deployment;
  return {
    eventId: sound.ids.next(),
    projectId: PROJECT,
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type: 'status_changed',
    at: timestamp(deployment.now()),
    actor: { type: 'system' },
    correlationId: 'test',
    from: { status: 'active' },
    to: { status: 'inactive' },
    reason: 'access_revoked',
  };
}

/** What the engine's routes do. What it is answered is right, or says that it should ask again. */
export const ENGINE_STAGES: Readonly<Record<string, Stage>> = {
  'hand out credentials': async (deployment) => {
    const connectionId = await deployment.connected('trello', 'jo');
    const request = { projectId: PROJECT, connectionId };
    const wrong: string[] = [];
    const ask = async (ports: Process['ports']) => {
      const { statusCode, body } = await askCredentials(request, ports);
      if (statusCode === 200) wrong.push(...credentialFaults(body));
      else if (statusCode < 500 || body.includes('sample-')) wrong.push(`it was answered ${body}`);
      return statusCode === 200;
    };
    return {
      run: ({ ports }) => ask(ports),
      async follow() {
        if (!(await ask(deployment.sound))) wrong.push('asked again, it was not answered');
      },
      wrong: async () => wrong,
    };
  },

  'take the report of a refusal': (deployment) => reported(deployment),
};

function credentialFaults(body: string): string[] {
  const { credentials, version } = JSON.parse(body);
  const expected = { credentials: credentialsNamed('trello', 'jo').reveal(), version: 1 };
  return isDeepStrictEqual({ credentials, version }, expected) ? [] : ['other credentials were handed out'];
}

async function reported(deployment: Deployment): Promise<Work> {
  const connectionId = await deployment.connected('trello', 'jo');
  deployment.providers.revoke('trello', 'jo');
  const request = { projectId: PROJECT, connectionId };
  const report = async (ports: Process['ports']) => (await reportRefusal(request, ports)).statusCode === 202;
  let taken = false;
  let died = false;
  return {
    async run({ ports, wire }) {
      taken = await report(ports);
      died = wire.crashed;
      return taken;
    },
    async follow() {
      if (died) deployment.advance(NEXT_REPORT_SECONDS);
      if (died || !taken) taken = await report(deployment.sound);
      await deployment.drain();
    },
    async wrong() {
      const state = await deployment.state();
      const status = state.connections[0]?.item.summary.status;
      return [
        ...(taken ? [] : ['reported again, it was not taken']),
        ...(status === 'inactive' ? [] : [`it was not checked: ${status}`]),
        ...(await deployment.breaches(state)),
      ];
    },
  };
}
