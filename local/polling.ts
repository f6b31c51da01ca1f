/** Deliveries that go on by themselves until they are closed. */
export interface Deliveries {
  /** Waits until everything is delivered that can be delivered now. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

export interface Polling {
  /** Waits for the run under way, if any, then for a whole run of its own; throws what that run throws. */
  runNow(): Promise<void>;
  /** Waits for the run under way and starts no other. */
  close(): Promise<void>;
}

/** Repeats `work` every `intervalMs`, one run at a time. */
export function startPolling(
  work: () => Promise<void>,
  intervalMs: number,
  onError: (error: unknown) => void,
): Polling {
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= work().finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => run().catch(onError), intervalMs);
  return {
    async runNow() {
      await Promise.allSettled([running]);
      await run();
    },
    async close() {
      clearInterval(timer);
      await Promise.allSettled([running]);
    },
  };
}
