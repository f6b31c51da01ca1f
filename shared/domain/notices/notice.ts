import type { ConnectionEvent } from '../../messages/connection-event.ts';

/** What is told to people of one event. */
export interface Notice {
  readonly eventId: string;
  readonly projectId: string;
  /** The provider's id. */
  readonly provider: string;
  readonly type: ConnectionEvent['type'];
  /** At most 99 visible ASCII characters and spaces. */
  readonly subject: string;
  /** Plain text, a sentence or two in each paragraph. */
  readonly text: string;
}

/** Tells people. */
export interface Notifier {
  sendNotice(notice: Notice): Promise<void>;
}
