import type { Catalog } from '../../catalog/schema.ts';
import type { ConnectionEvent } from '../../messages/connection-event.ts';
import { processInBatches, type RunReport } from '../batches.ts';
import { type IdempotencyStore, runOnce } from '../idempotency.ts';
import { addSeconds, type OperationContext, timestamp } from '../operation-context.ts';
import { STALE, untilCommitted } from '../optimistic.ts';
import type { NoticeKind } from '../terms.ts';
import {
  type ConsoleUrl,
  composeDigest,
  composeNotice,
  type Message,
  type Notice,
  noticeKind,
  toMessage,
} from './compose.ts';

/**
 * The first notice of a project is sent at once and opens a window. Notices within the window are collected, and sent as
 * one digest at its end, so that a provider that revokes thousands of connections sends two messages, not thousands. A
 * window stays open while notices keep coming.
 */
const WINDOW_SECONDS = 5 * 60;

/** The open window of a project. */
export interface NoticeWindow {
  readonly projectId: string;
  readonly endsAt: string;
}

/** Collects notices. Every call may be repeated with the same arguments. */
export interface NoticeCollector {
  /** Opens the project's window. Returns false if one is open already. */
  openWindow(window: NoticeWindow): Promise<boolean>;
  /** Adds a notice to the project's window. Returns false if none is open. */
  add(notice: Notice): Promise<boolean>;
  /** Yields the windows that ended by `now`, oldest first. */
  endedWindows(now: Date): AsyncIterable<NoticeWindow>;
  /** Returns the collected notices of a project, at most 1,000. */
  collected(projectId: string): Promise<readonly Notice[]>;
  /** Removes sent notices, and moves the end of the window. */
  removeSent(notices: readonly Notice[], window: NoticeWindow): Promise<void>;
  /** Closes a window, unless notices were added to it. */
  closeWindow(window: NoticeWindow): Promise<void>;
}

/** Sends messages to the subscribers. */
export interface Notifier {
  readonly consoleUrl: ConsoleUrl;
  send(message: Message): Promise<void>;
}

export type NotifyPorts = OperationContext & {
  readonly catalog: Pick<Catalog, 'summary'>;
  readonly notifier: Notifier;
  readonly notices: NoticeCollector;
  readonly idempotency: IdempotencyStore;
};

/**
 * Notifies the subscribers of an event: at once, or with the project's next digest. Once, however often the event is
 * delivered.
 *
 * @returns the kind of the notice; null if the event has none, or had it at an earlier delivery.
 * @throws DomainError `busy` while another delivery of the same event is being handled.
 */
export async function notifySubscribers(
  event: ConnectionEvent,
  ports: NotifyPorts,
): Promise<NoticeKind | null> {
  const providerName = ports.catalog.summary(event.provider)?.name ?? event.provider;
  const notice = composeNotice(event, providerName, ports.notifier.consoleUrl);
  if (!notice) return null;
  const isFirst = await runOnce(`notice#${event.eventId}`, () => sendOrCollect(notice, ports), ports);
  return isFirst ? noticeKind(event) : null;
}

function sendOrCollect(notice: Notice, ports: NotifyPorts): Promise<void> {
  return untilCommitted(async () => {
    const window = windowFrom(notice.projectId, ports);
    if (await ports.notices.openWindow(window)) {
      await ports.notifier.send(toMessage(notice));
      return;
    }
    return (await ports.notices.add(notice)) ? undefined : STALE;
  }, ports);
}

function windowFrom(projectId: string, { clock }: Pick<OperationContext, 'clock'>): NoticeWindow {
  return { projectId, endsAt: timestamp(addSeconds(clock.now(), WINDOW_SECONDS)) };
}

export type SendDigestsPorts = Pick<OperationContext, 'clock'> & {
  readonly notifier: Notifier;
  readonly notices: NoticeCollector;
};

/**
 * Sends a digest for each window that ended, and closes windows without notices. A crash between sending and removing
 * repeats a digest; no notice is lost.
 */
export function sendDigests(ports: SendDigestsPorts): Promise<RunReport<NoticeWindow>> {
  return processInBatches(ports.notices.endedWindows(ports.clock.now()), async (window) => {
    const notices = await ports.notices.collected(window.projectId);
    if (notices.length === 0) return ports.notices.closeWindow(window);
    const { consoleUrl } = ports.notifier;
    await ports.notifier.send(composeDigest(window.projectId, notices, consoleUrl));
    await ports.notices.removeSent(notices, windowFrom(window.projectId, ports));
  });
}
