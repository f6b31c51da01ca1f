import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod/mini';

const usage = z.object({
  /** Number of checks that the run enqueued. */
  enqueued: z.number(),
  /** CPU time since the process started. */
  cpuSeconds: z.number(),
  /** Largest memory use of the process so far. */
  peakMegabytes: z.number(),
  /** Delivered messages, the connections in them, and the failed messages. */
  messages: z.number(),
  connections: z.number(),
  failed: z.number(),
});

/** Resources that the functions used, and messages that they handled. */
export type Usage = z.infer<typeof usage>;

/** The process of the scheduler and the workers. */
export interface FunctionsProcess {
  /** Runs the scheduler for a scheduled time. */
  run(at: Date): Promise<Usage>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

/** Starts the process with the environment variables of its functions. */
export function startFunctions(environment: Readonly<Record<string, string>>): FunctionsProcess {
  const child = fork(join(import.meta.dirname, 'functions.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...environment },
  });
  const exited = once(child, 'exit');
  const broken = exited.then(() => Promise.reject(new Error('The process of the functions ended.')));
  broken.catch(() => undefined);
  const request = async (message: object) => {
    const responded = once(child, 'message');
    child.send(message);
    const [response] = await Promise.race([responded, broken]);
    return usage.parse(response);
  };
  return {
    run: (at) => request({ run: at.toISOString() }),
    usage: () => request({}),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
