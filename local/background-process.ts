import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import type { BackgroundFunctions, BackgroundOptions, BackgroundServers } from './background.ts';
import type { Call } from './background-main.ts';

const message = z.union([
  z.object({ call: z.number(), result: z.optional(z.unknown()) }),
  z.object({ call: z.number(), failure: z.string() }),
  z.object({
    notice: z.object({
      subject: z.string(),
      text: z.string(),
      attributes: z.record(z.string(), z.string()),
    }),
  }),
  z.object({ where: z.string(), error: z.string() }),
]);
const addresses = z.object({
  queuesUrl: z.string(),
  checksQueueUrl: z.string(),
  topicArn: z.string(),
  busUrl: z.string(),
  sandboxUrl: z.string(),
});
const names = z.array(z.string());

const MAIN = fileURLToPath(new URL('./background-main.ts', import.meta.url));

/**
 * Starts what runs beside the API in a process of its own, so that the API responds as on AWS while checks run. The
 * process has the environment of this one, ends with it, and writes to its standard streams.
 */
export async function forkBackground({
  onNotice,
  onError,
  ...options
}: BackgroundOptions): Promise<BackgroundServers> {
  const { call, close } = startProcess(options.dataDir, { onNotice, onError });
  return {
    addresses: addresses.parse(await call({ name: 'startServers', options })),
    async startFunctions(settings): Promise<BackgroundFunctions> {
      return {
        names: names.parse(await call({ name: 'startFunctions', settings })),
        run: (schedule, at, id) => call({ name: 'run', schedule, at: at.toISOString(), id }),
        async whenIdle() {
          await call({ name: 'whenIdle' });
        },
        close: () => close('closeFunctions'),
      };
    },
    close: () => close('closeServers'),
  };
}

/**
 * Starts the process. `call` sends it a request, and fails where the process ends before it responds; `close` does not, and
 * sends nothing to a process that has ended.
 *
 * @param dataDir names the process in lists of processes.
 */
function startProcess(
  dataDir: string,
  { onNotice, onError }: Pick<BackgroundOptions, 'onNotice' | 'onError'>,
) {
  const child = fork(MAIN, [dataDir], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stdout?.on('data', (chunk) => process.stdout.write(chunk));
  child.stderr?.on('data', (chunk) => process.stderr.write(chunk));
  const calls = new Map<number, PromiseWithResolvers<unknown>>();
  let sent = 0;
  let isClosing = false;
  const finish = (call: number, how: (waiting: PromiseWithResolvers<unknown>) => void) => {
    const waiting = calls.get(call);
    calls.delete(call);
    if (waiting) how(waiting);
  };
  child.on('message', (received) => {
    const parsed = message.parse(received);
    if ('notice' in parsed) onNotice(parsed.notice);
    else if ('error' in parsed) onError(parsed.where, new Error(parsed.error));
    else if ('failure' in parsed) finish(parsed.call, ({ reject }) => reject(new Error(parsed.failure)));
    else finish(parsed.call, ({ resolve }) => resolve(parsed.result));
  });
  once(child, 'exit').then(() => {
    const ended = new Error('The process beside the API ended.');
    for (const call of calls.keys()) finish(call, ({ reject }) => reject(ended));
    if (!isClosing) onError('background', ended);
  });
  const call = (request: Call): Promise<unknown> => {
    const waiting = Promise.withResolvers<unknown>();
    const number = sent;
    sent += 1;
    calls.set(number, waiting);
    child.send({ number, request }, (error) => error && finish(number, ({ reject }) => reject(error)));
    return waiting.promise;
  };
  const close = async (name: 'closeFunctions' | 'closeServers') => {
    isClosing = true;
    try {
      if (child.connected) await call({ name });
    } catch (error) {
      if (child.connected) throw error;
    }
  };
  return { call, close };
}
