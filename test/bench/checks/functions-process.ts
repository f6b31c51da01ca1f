import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as z from 'zod/mini';

const answer = z.object({
  /** How many checks the run enqueued. */
  enqueued: z.number(),
  /** Since the process began. */
  cpuSeconds: z.number(),
  /** The most memory that the process had at any time. */
  peakMegabytes: z.number(),
  /** How many messages, and connections in them, the workers were handed; and how many messages failed. */
  messages: z.number(),
  connections: z.number(),
  failed: z.number(),
});

export type Answer = z.infer<typeof answer>;

/** The process of the scheduler and the workers. */
export interface FunctionsProcess {
  /** Runs the scheduler as if it were that time. */
  run(at: Date): Promise<Answer>;
  usage(): Promise<Answer>;
  close(): Promise<void>;
}

/** Starts it, with the variables that its functions read. */
export function startFunctions(environment: Readonly<Record<string, string>>): FunctionsProcess {
  const child = fork(join(import.meta.dirname, 'functions.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, ...environment },
  });
  const exited = once(child, 'exit');
  const broken = exited.then(() => Promise.reject(new Error('The process of the functions ended.')));
  broken.catch(() => undefined);
  const ask = async (message: object) => {
    const answered = once(child, 'message');
    child.send(message);
    const [received] = await Promise.race([answered, broken]);
    return answer.parse(received);
  };
  return {
    run: (at) => ask({ run: at.toISOString() }),
    usage: () => ask({ tell: 'usage' }),
    async close() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
