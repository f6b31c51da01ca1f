import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { Background, BackgroundOptions } from './background.ts';
import type { Call } from './background-main.ts';

const message = z.union([
  z.object({ call: z.number(), result: z.optional(z.unknown()) }),
  z.object({ call: z.number(), failure: z.string() }),
  z.object({ where: z.string(), error: z.string() }),
]);
const names = z.array(z.string());

const MAIN = fileURLToPath(new URL('./background-main.ts', import.meta.url));

/**
 * Starts the scheduled functions and the workers of queues in a process of their own, so that the API responds as on AWS
 * while checks run. The process has the environment of this one, ends with it, and writes to its standard streams.
 *
 * @param dataDir names the process in lists of processes.
 */
export async function forkBackground(
  { onError, ...options }: BackgroundOptions,
  dataDir: string,
): Promise<Background> {
  const child = fork(MAIN, [dataDir], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout?.on('data', (chunk) => process.stdout.write(chunk));
  child.stderr?.on('data', (chunk) => process.stderr.write(chunk));
  const exited = once(child, 'exit');
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let sent = 0;
  const finish = (call: number, how: (waiting: PromiseWithResolvers<unknown>) => void) => {
    const waiting = calls.get(call);
    calls.delete(call);
    if (waiting) how(waiting);
  };
  child.on('message', (received) => {
    const parsed = message.parse(received);
    if ('error' in parsed) onError(parsed.where, new Error(parsed.error));
    else if ('failure' in parsed) finish(parsed.call, ({ reject }) => reject(new Error(parsed.failure)));
    else finish(parsed.call, ({ resolve }) => resolve(parsed.result));
  });
  exited.then(() => {
    const ended = new Error('The process of the background functions ended.');
    for (const call of calls.keys()) finish(call, ({ reject }) => reject(ended));
  });
  const call = (request: Call): Promise<unknown> => {
    const waiting = Promise.withResolvers<unknown>();
    const number = sent;
    sent += 1;
    calls.set(number, waiting);
    child.send({ number, request }, (error) => error && finish(number, ({ reject }) => reject(error)));
    return waiting.promise;
  };
  return {
    names: names.parse(await call({ name: 'start', options })),
    run: (schedule, at, id) => call({ name: 'run', schedule, at: at.toISOString(), id }),
    async drain() {
      await call({ name: 'drain' });
    },
    async close() {
      if (child.connected) await call({ name: 'close' });
      await exited;
    },
  };
}
