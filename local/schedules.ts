import { randomUUID } from 'node:crypto';
import { scheduledFunctions } from './functions.ts';
import type { IamSettings } from './lambda.ts';

export interface Scheduler {
  readonly names: readonly string[];
  /** Runs a scheduled function as if it were that time; `id` is that of the event that EventBridge sends. */
  run(name: string, at: Date, id?: string): Promise<unknown>;
  close(): void;
}

export interface SchedulerOptions {
  /** False where functions run on demand alone, never by the clock. */
  readonly byTheClock: boolean;
  readonly onError: (name: string, error: unknown) => void;
}

const MINUTE_MS = 60_000;

/** Starts the scheduled functions, each at its interval on the full minute, as EventBridge does. */
export async function startScheduler(
  iam: IamSettings,
  { byTheClock, onError }: SchedulerOptions,
): Promise<Scheduler> {
  const functions = await scheduledFunctions(iam);
  const run = async (name: string, at: Date, id: string = randomUUID()) =>
    functions.find((candidate) => candidate.name === name)?.invoke({ id, time: at.toISOString() });
  const names = functions.map(({ name }) => name);
  if (!byTheClock) return { names, run, close: () => undefined };
  let minute = Math.floor(Date.now() / MINUTE_MS);
  const timer = setInterval(() => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now === minute) return;
    minute = now;
    for (const { name, everyMinutes } of functions) {
      if (now % everyMinutes !== 0) continue;
      run(name, new Date(now * MINUTE_MS)).catch((error) => onError(name, error));
    }
  }, 1_000);
  return { names, run, close: () => clearInterval(timer) };
}
