import type { FauxqsServer } from 'fauxqs';
import type { TestClock } from './test-clock.ts';

/** A message as it is delivered. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

interface SentMessage extends Message {
  readonly delaySeconds: number;
}

/** A queue on the test's clock: the server stores what is sent, and the test decides when a message is delivered. */
export class TimedQueue {
  readonly url: string;
  readonly #server: FauxqsServer;
  readonly #name: string;
  readonly #clock: TestClock;
  /** The delivery time of each message, in ms since 1970. */
  readonly #deliveryTimes = new Map<string, number>();
  readonly #deleted = new Set<string>();

  constructor(server: FauxqsServer, name: string, clock: TestClock) {
    server.createQueue(name);
    this.url = `http://127.0.0.1:${server.port}/000000000000/${name}`;
    this.#server = server;
    this.#name = name;
    this.#clock = clock;
  }

  /** Returns the messages that can be delivered now. */
  ready(): readonly Message[] {
    const messages = this.all();
    const now = this.#clock.now().getTime();
    return messages.filter(({ messageId }) => this.#deliveryTimeOf(messageId) <= now);
  }

  /** Returns all messages, delayed ones included. */
  all(): readonly Message[] {
    const messages = this.#sent().filter(({ messageId }) => !this.#deleted.has(messageId));
    for (const { messageId, delaySeconds } of messages) {
      if (this.#deliveryTimes.has(messageId)) continue;
      this.#deliveryTimes.set(messageId, this.#clock.now().getTime() + delaySeconds * 1000);
    }
    return messages;
  }

  delete({ messageId }: Message): void {
    this.#deleted.add(messageId);
  }

  /** Advances the clock to the next delivery. Returns false when the queue is empty. */
  advanceToNext(): boolean {
    const times = this.all().map(({ messageId }) => this.#deliveryTimeOf(messageId));
    if (times.length === 0) return false;
    const waitMs = Math.min(...times) - this.#clock.now().getTime();
    if (waitMs > 0) this.#clock.advance(waitMs / 1000);
    return true;
  }

  close(): void {
    this.#server.deleteQueue(this.#name);
  }

  #deliveryTimeOf(messageId: string): number {
    return this.#deliveryTimes.get(messageId) ?? 0;
  }

  #sent(): SentMessage[] {
    const { ready = [], delayed = [] } = this.#server.inspectQueue(this.#name)?.messages ?? {};
    return [...ready, ...delayed].map(({ messageId, body, sentTimestamp, delayUntil }) => ({
      messageId,
      body,
      delaySeconds: delayUntil === undefined ? 0 : Math.round((delayUntil - sentTimestamp) / 1000),
    }));
  }
}
