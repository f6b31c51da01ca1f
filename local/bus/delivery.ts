import { matchesPattern } from '../streams/filter.ts';
import type { BusEvent } from './put-events.ts';

/** A rule's target. */
export interface Target {
  readonly name: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly invoke: (event: BusEvent) => Promise<unknown>;
}

/** Waits before the retries of a failed delivery, as Lambda's for an asynchronous invocation; then the event is dropped. */
const RETRY_MS: readonly number[] = [60_000, 120_000];

/** Delivers events to the targets that they match, in order; a target that fails holds up no other. */
export class Delivery {
  readonly #targets: readonly Target[];
  readonly #onError: (target: string, error: unknown) => void;
  #firstAttempts: Promise<void> = Promise.resolve();
  #undelivered = 0;
  #closed = false;

  constructor(targets: readonly Target[], onError: (target: string, error: unknown) => void) {
    this.#targets = targets;
    this.#onError = onError;
  }

  /** True if no event waits for a target, be it for a retry. */
  get isComplete(): boolean {
    return this.#undelivered === 0;
  }

  add(event: BusEvent): void {
    for (const target of this.#targets) {
      if (!matchesPattern(target.pattern, event)) continue;
      this.#undelivered += 1;
      this.#firstAttempts = this.#firstAttempts.then(() => this.#deliver(target, event, RETRY_MS));
    }
  }

  /** Waits until each event was delivered, or failed for the first time. */
  async whenIdle(): Promise<void> {
    await this.#firstAttempts;
  }

  /** Abandons retries: the stream delivers their events again at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.whenIdle();
  }

  async #deliver(target: Target, event: BusEvent, retries: readonly number[]): Promise<void> {
    try {
      await target.invoke(event);
    } catch (error) {
      this.#onError(target.name, error);
      const [wait, ...later] = retries;
      if (wait !== undefined) {
        setTimeout(() => this.#closed || this.#deliver(target, event, later), wait).unref();
        return;
      }
    }
    this.#undelivered -= 1;
  }
}
