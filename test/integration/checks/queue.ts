import type { FauxqsServer } from 'fauxqs';
import type { Clock } from '../../../shared/domain/time.ts';

type TestClock = Clock & { advance(seconds: number): void };

/** A message as it is delivered. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

interface Sent extends Message {
  readonly delaySeconds: number;
}

/**
 * A queue whose time is the test's: the server takes and keeps what is sent; when a message comes out, and how
 * often, is for the test to say.
 */
export class TimedQueue {
  readonly url: string;
  readonly #server: FauxqsServer;
  readonly #name: string;
  readonly #clock: TestClock;
  /** When each message is due, in ms since 1970. */
  readonly #due = new Map<string, number>();
  readonly #deleted = new Set<string>();

  constructor(server: FauxqsServer, name: string, clock: TestClock) {
    server.createQueue(name);
    this.url = `http://127.0.0.1:${server.port}/000000000000/${name}`;
    this.#server = server;
    this.#name = name;
    this.#clock = clock;
  }

  /** What can be delivered now. */
  ready(): readonly Message[] {
    const waiting = this.all();
    const now = this.#clock.now().getTime();
    return waiting.filter(({ messageId }) => this.#dueOf(messageId) <= now);
  }

  /** Everything that is in it, also what is put off. */
  all(): readonly Message[] {
    const waiting = this.#sent().filter(({ messageId }) => !this.#deleted.has(messageId));
    for (const { messageId, delaySeconds } of waiting) {
      if (this.#due.has(messageId)) continue;
      this.#due.set(messageId, this.#clock.now().getTime() + delaySeconds * 1000);
    }
    return waiting;
  }

  delete({ messageId }: Message): void {
    this.#deleted.add(messageId);
  }

  /** Goes on to when the next message is due; false where there is none. */
  awaitNext(): boolean {
    const times = this.all().map(({ messageId }) => this.#dueOf(messageId));
    if (times.length === 0) return false;
    const waitMs = Math.min(...times) - this.#clock.now().getTime();
    if (waitMs > 0) this.#clock.advance(waitMs / 1000);
    return true;
  }

  close(): void {
    this.#server.deleteQueue(this.#name);
  }

  #dueOf(messageId: string): number {
    return this.#due.get(messageId) ?? 0;
  }

  #sent(): Sent[] {
    const { ready = [], delayed = [] } = this.#server.inspectQueue(this.#name)?.messages ?? {};
    return [...ready, ...delayed].map(({ messageId, body, sentTimestamp, delayUntil }) => ({
      messageId,
      body,
      delaySeconds: delayUntil === undefined ? 0 : Math.round((delayUntil - sentTimestamp) / 1000),
    }));
  }
}
