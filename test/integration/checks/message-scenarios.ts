import { isDeepStrictEqual } from 'node:util';
import { toEvent } from '../../../shared/domain/events/relay.ts';
import { historyEntry } from '../../../shared/domain/model/history.ts';
import { timestamp } from '../../../shared/domain/operation-context.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import type { FaultScenario, InjectedFault, Invocation } from '../../harness/every-fault.ts';
import {
  askCredentials,
  reportRefusal,
  runDigests,
  runNotifier,
  runRelay,
} from '../../harness/invocations.ts';
import { addConnection, userNamed } from '../../harness/operations.ts';
import type { Ports, Process } from '../../harness/process.ts';
import { credentialsNamed } from '../../harness/simulated-providers.ts';
import { drain } from './deliveries.ts';

/** More entries than one request to EventBridge holds. */
const ENTRIES = 12;
/** Longer than the deduplication window of reports. */
const NEXT_REPORT_SECONDS = 6;
/** Longer than the lock of an idempotency record. */
const LOCK_EXPIRED_SECONDS = 61;

/** Writes as many history entries of a connection. */
async function addEntries({ faultless }: SimulatedDeployment, id: string, count: number): Promise<void> {
  const stored = await faultless.connections.find({ projectId: PROJECT, connectionId: id });
  if (!stored) throw new Error('There is no connection.');
  const change = { type: 'renamed', to: { name: 'New' } } as const;
  const history = Array.from({ length: count }, () =>
    historyEntry(stored.connection, change, userNamed('someone'), faultless),
  );
  await faultless.unitOfWork.commit({ history });
}

/** Invocations that publish events and send notices. */
export const MESSAGE_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'publish the history': async (deployment): Promise<Invocation> => {
    const id = await addConnection(deployment, { user: 'jo' });
    await addEntries(deployment, id, ENTRIES - 2);
    const records = await deployment.historyRecords();
    let unpublished = records;
    return {
      async run({ ports, injector }) {
        const failed = await runRelay(records, ports);
        if (injector.crashed) return false;
        unpublished = failed;
        return failed.length === 0;
      },
      async verify({ injected }) {
        if (unpublished.length > 0) unpublished = await runRelay(unpublished, deployment.faultless);
        const { history } = await deployment.state();
        const expected = (history.get(id) ?? []).map(toEvent);
        const published = deployment.publishedEvents(new Set([id]));
        const isRepeated = published.length !== expected.length;
        return [
          ...(expected.length === ENTRIES && unpublished.length === 0 ? [] : ['entries are left']),
          ...(isDeepStrictEqual(withoutRepetitions(published), expected)
            ? []
            : ['the events are not those of the history, in order']),
          ...(isRepeated && !mayRepeat(injected)
            ? [`${published.length} events of ${expected.length} entries`]
            : []),
        ];
      },
    };
  },

  'notify subscribers of a status change': async (deployment): Promise<Invocation> => {
    const event = statusChange(deployment);
    return {
      async run({ ports }) {
        await runNotifier(event, ports);
        return true;
      },
      async verify({ injected }) {
        deployment.advance(LOCK_EXPIRED_SECONDS);
        // EventBridge may deliver an event again at any time.
        await runNotifier(event, deployment.faultless);
        await runNotifier(event, deployment.faultless);
        // A crash after the window was opened leaves the notice to the digest.
        await runDigests(deployment.faultless);
        const notices = deployment.notices();
        const { length } = notices;
        return [
          ...(length === 1 || (length > 1 && mayRepeat(injected)) ? [] : [`${length} notices were sent`]),
          ...notices
            .filter(({ text }) => !text.includes(event.eventId))
            .map(({ subject }) => `an unexpected notice was sent: ${subject}`),
        ];
      },
    };
  },
};

/** Keeps the first of the events with the same id. */
function withoutRepetitions(events: readonly ConnectionEvent[]): readonly ConnectionEvent[] {
  return events.filter(
    ({ eventId }, index) => events.findIndex((event) => event.eventId === eventId) === index,
  );
}

/**
 * Returns true if an event or notice may have been sent by a process that could not know or record it. Sending it again,
 * with the same id, is the only way to lose nothing.
 */
function mayRepeat(injected: InjectedFault | undefined): boolean {
  if (!injected) return false;
  const { call, fault } = injected;
  const isSending = call.service === 'eventbridge' || call.service === 'sns';
  const isUnknown = fault.kind === 'timeout_after' || fault.kind === 'crash_after';
  const isUnrecorded = call.service === 'dynamodb' && fault.lasting && fault.kind === 'server_error';
  return (isSending && isUnknown) || (call.index > 0 && (isUnrecorded || fault.kind === 'crash_before'));
}

function statusChange({ faultless: { ids, clock } }: SimulatedDeployment): ConnectionEvent {
  return {
    eventId: ids.next(),
    projectId: PROJECT,
    connectionId: 'con_1',
    provider: 'trello',
    name: 'Board',
    type: 'status_changed',
    at: timestamp(clock.now()),
    actor: { type: 'system' },
    correlationId: 'test',
    from: { status: 'active' },
    to: { status: 'inactive' },
    reason: 'access_revoked',
  };
}

/** The routes of the flow engine. A response is right, or asks the engine to retry. */
export const ENGINE_SCENARIOS: Readonly<Record<string, FaultScenario>> = {
  'issue credentials': async (deployment): Promise<Invocation> => {
    const connectionId = await addConnection(deployment, { user: 'jo' });
    const violations: string[] = [];
    const ask = async (ports: Ports) => {
      const { statusCode, body } = await askCredentials({ projectId: PROJECT, connectionId }, ports);
      if (statusCode === 200) violations.push(...issuedViolations(body));
      else if (statusCode < 500 || body.includes('sample-')) violations.push(`the response was ${body}`);
      return statusCode === 200;
    };
    return {
      run: ({ ports }) => ask(ports),
      async verify() {
        const isIssued = await ask(deployment.faultless);
        return [...violations, ...(isIssued ? [] : ['the retry issued no credentials'])];
      },
    };
  },

  'accept the report of a refusal': async (deployment): Promise<Invocation> => {
    const connectionId = await addConnection(deployment, { user: 'jo' });
    deployment.providers.revoke('trello', 'jo');
    const report = async (ports: Process['ports']) => {
      const { statusCode } = await reportRefusal({ projectId: PROJECT, connectionId }, ports);
      return statusCode === 202;
    };
    return {
      run: ({ ports }) => report(ports),
      async verify({ isDone, injected }) {
        // An engine that got an error retries at once; after a crash the next run of a flow meets the same refusal.
        const isCrash = injected?.fault.kind.startsWith('crash') === true;
        if (isCrash) deployment.advance(NEXT_REPORT_SECONDS);
        const isAccepted = isDone || (await report(deployment.faultless));
        await drain(deployment);
        const state = await deployment.state();
        const status = state.connections[0]?.item.summary.status;
        return [
          ...(isAccepted ? [] : ['the repeated report was not accepted']),
          ...(status === 'inactive' ? [] : [`the connection was not checked: ${status}`]),
          ...(await deployment.invariantViolations(state)),
        ];
      },
    };
  },
};

function issuedViolations(body: string): string[] {
  const { credentials, version } = JSON.parse(body);
  const expected = { credentials: credentialsNamed('trello', 'jo').reveal(), version: 1 };
  return isDeepStrictEqual({ credentials, version }, expected) ? [] : ['other credentials were issued'];
}
