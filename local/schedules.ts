import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { schedules } from '../shared/contract/background/index.ts';
import type { IamSettings } from './api-gateway/iam-authorizer.ts';
import { lambdaContext } from './api-gateway/lambda-context.ts';
import { type Handler, loadHandler } from './entry.ts';

export interface Scheduler {
  readonly names: readonly string[];
  /** Runs a scheduled function as if it were that time; `id` is that of the event that EventBridge sends. */
  run(name: string, at: Date, id?: string): Promise<unknown>;
  close(): void;
}

export interface SchedulerOptions {
  /** Whether the functions start by themselves, each at its own time; they run on demand in any case. */
  readonly byTheClock: boolean;
  readonly onError: (name: string, error: unknown) => void;
}

const TIMEOUT_MS = 60_000;
const MINUTE_MS = 60_000;

/** Starts the scheduled functions, each at its own interval on the full minute, as EventBridge does. */
export async function startScheduler(
  iam: IamSettings,
  { byTheClock, onError }: SchedulerOptions,
): Promise<Scheduler> {
  const functions = new Map<string, Handler<{ readonly id: string; readonly time: string }, unknown>>();
  for (const { entry } of Object.values(schedules)) {
    functions.set(nameOf(entry), await loadHandler(entry));
  }
  const run = async (name: string, at: Date, id: string = randomUUID()) =>
    functions.get(name)?.({ id, time: at.toISOString() }, lambdaContext(name, iam, TIMEOUT_MS));
  const names = [...functions.keys()];
  if (!byTheClock) return { names, run, close: () => undefined };
  let minute = Math.floor(Date.now() / MINUTE_MS);
  const timer = setInterval(() => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now === minute) return;
    minute = now;
    for (const { entry, everyMinutes } of Object.values(schedules)) {
      const name = nameOf(entry);
      if (now % everyMinutes === 0)
        run(name, new Date(now * MINUTE_MS)).catch((error) => onError(name, error));
    }
  }, 1_000);
  return { names, run, close: () => clearInterval(timer) };
}

const runBody = z.strictObject({ at: z.optional(z.iso.datetime({ offset: true })) });

/**
 * Answers `POST /local/schedules/{name}` once the function, and the work it led to, is done.
 *
 * @param settled waits for what the function set off.
 */
export async function answerScheduleRun(
  request: IncomingMessage,
  response: ServerResponse,
  { scheduler, settled }: { scheduler: Scheduler; settled: () => Promise<void> },
): Promise<void> {
  const name = new URL(request.url ?? '/', 'http://localhost').pathname.split('/').at(-1) ?? '';
  if (!scheduler.names.includes(name)) return answer(response, 404, { schedules: scheduler.names });
  const body = runBody.safeParse(await bodyOf(request));
  if (!body.success) return answer(response, 400, { message: 'The body is { "at": "<time>" }, or empty.' });
  const at = new Date(body.data.at ?? Date.now());
  try {
    const id = randomUUID();
    const result = await scheduler.run(name, at, id);
    await settled();
    answer(response, 200, { id, name, at, result });
  } catch (error) {
    answer(response, 500, { message: error instanceof Error ? error.message : 'failed' });
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function nameOf(entry: string): string {
  return entry.slice('schedules/'.length);
}
