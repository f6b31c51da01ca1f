import { SQSClient } from '@aws-sdk/client-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import type { Queue } from '../../../shared/adapters/aws/queue/client.ts';
import type { Clock } from '../../../shared/domain/time.ts';
import { AT_THE_WIRE, Wire } from '../../fixtures/faults.ts';

const REGION = 'eu-west-1';

type TestClock = Clock & { advance(seconds: number): void };

/** An SQS client that can be lent to one process after the other. */
class WiredClient {
  readonly client: SQSClient;
  wire = new Wire({});

  constructor(endpoint: string) {
    const credentials = { accessKeyId: 'made-up', secretAccessKey: 'made-up' };
    this.client = new SQSClient({ endpoint, region: REGION, credentials, maxAttempts: 5 });
    this.client.middlewareStack.add(
      (next, context) => (args) => this.wire.carry('sqs', context, () => next(args)),
      AT_THE_WIRE,
    );
  }
}

/** The SQS of one test file. */
export class QueueService {
  readonly #server: FauxqsServer;
  readonly #idle: WiredClient[] = [];

  private constructor(server: FauxqsServer) {
    this.#server = server;
  }

  /** An SQS for the length of `visit`. */
  static async during<T>(visit: (service: QueueService) => Promise<T>): Promise<T> {
    const server = await startFauxqs({ host: '127.0.0.1', port: 0, logger: false, defaultRegion: REGION });
    const service = new QueueService(server);
    try {
      return await visit(service);
    } finally {
      for (const { client } of service.#idle) client.destroy();
      await server.stop();
    }
  }

  /** A queue for the length of `visit`. */
  async queue<T>(name: string, clock: TestClock, visit: (queue: TimedQueue) => Promise<T>): Promise<T> {
    const { queueUrl } = this.#server.createQueue(name);
    const lent: { readonly wired: WiredClient; readonly spent: boolean }[] = [];
    const lend = (wire: Wire, spent: boolean) => {
      const wired = this.#idle.pop() ?? new WiredClient(`http://127.0.0.1:${this.#server.port}`);
      wired.wire = wire;
      lent.push({ wired, spent });
      return { client: wired.client, url: queueUrl };
    };
    try {
      return await visit(new TimedQueue(lend, () => this.#sent(name), clock));
    } finally {
      // Clients that met faults are spent: the SDK remembers, and tries again less often.
      for (const { wired, spent } of lent) {
        if (spent) wired.client.destroy();
        else this.#idle.push(wired);
      }
      this.#server.deleteQueue(name);
    }
  }

  #sent(name: string): Sent[] {
    const { ready = [], delayed = [] } = this.#server.inspectQueue(name)?.messages ?? {};
    return [...ready, ...delayed].map(({ messageId, body, sentTimestamp, delayUntil }) => ({
      messageId,
      body,
      delaySeconds: delayUntil === undefined ? 0 : Math.round((delayUntil - sentTimestamp) / 1000),
    }));
  }
}

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
  /** The queue as a process reaches it. */
  readonly open: (wire: Wire, spent: boolean) => Queue;
  readonly #sent: () => readonly Sent[];
  readonly #clock: TestClock;
  /** When each message is due, in ms since 1970. */
  readonly #due = new Map<string, number>();
  readonly #deleted = new Set<string>();

  constructor(open: TimedQueue['open'], sent: () => readonly Sent[], clock: TestClock) {
    this.open = open;
    this.#sent = sent;
    this.#clock = clock;
  }

  /** What can be delivered now. */
  ready(): readonly Message[] {
    const now = this.#clock.now().getTime();
    return this.all().filter(({ messageId }) => this.#dueOf(messageId) <= now);
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

  #dueOf(messageId: string): number {
    return this.#due.get(messageId) ?? 0;
  }
}
