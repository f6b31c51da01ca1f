import type { Journal } from './journal.ts';

/** What a rule sends its events to. */
export interface Target {
  readonly name: string;
  readonly pattern: Readonly<Record<string, unknown>>;
  readonly invoke: (envelope: unknown) => Promise<unknown>;
}

export interface Dispatch {
  /** Delivers what is due. What failed and waits for its next try is not waited for. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** How long after a failure the next try comes, as where Lambda is invoked by an event; then it is given up. */
const NEXT_TRY_MS = [60_000, 120_000] as const;
const LOOK_MS = 1_000;

/** Delivers the journal's events to their targets, one after another, at least once each. */
export function startDispatch(
  journal: Journal,
  targets: readonly Target[],
  onError: (target: string, error: unknown) => void,
): Dispatch {
  let running: Promise<void> | undefined;
  let closed = false;
  const drain = () => {
    running ??= deliverDue().finally(() => {
      running = undefined;
    });
    return running;
  };
  const deliverDue = async () => {
    for (let due = journal.nextDue(Date.now()); due && !closed; due = journal.nextDue(Date.now())) {
      const delivery = due;
      const target = targets.find(({ name }) => name === delivery.target);
      try {
        await target?.invoke(delivery.envelope);
        journal.settle(delivery);
      } catch (error) {
        onError(delivery.target, error);
        const wait = NEXT_TRY_MS[delivery.tries];
        if (wait === undefined) journal.settle(delivery);
        else journal.postpone(delivery, Date.now() + wait);
      }
    }
  };
  const timer = setInterval(drain, LOOK_MS);
  return {
    async drain() {
      await running;
      await drain();
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await running;
    },
  };
}
