import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { quantile } from '../print.ts';

/** A bundle, and the event to invoke it with. */
export interface Subject {
  readonly file: string;
  readonly event: unknown;
}

/** Repetitions: processes of each subject, and invocations in each process. */
interface Repetitions {
  readonly processes: number;
  readonly warmUps: number;
  readonly measured: number;
}

const invocations = z.object({
  status: z.number(),
  /** Time and CPU of loading and of the first event, in ms. */
  firstMs: z.number(),
  firstCpuMs: z.number(),
  /** CPU of a later event, in ms. */
  requestCpuMs: z.number(),
});

/** The medians of a subject's processes. */
export type Invocations = z.output<typeof invocations>;

/** Invokes subjects in new processes, in turns so that all meet the same machine. */
export async function invokeAlternately(
  subjects: readonly Subject[],
  { processes, warmUps, measured }: Repetitions,
): Promise<readonly Invocations[]> {
  const runs = subjects.map((): Invocations[] => []);
  for (let run = 0; run < processes; run += 1) {
    for (const [index, subject] of subjects.entries()) {
      runs[index]?.push(await invokeOften(subject, warmUps, measured));
    }
  }
  return runs.map(medians);
}

async function invokeOften({ file, event }: Subject, warmUps: number, measured: number) {
  const script = join(import.meta.dirname, 'invoke-often.ts');
  const args = [script, file, JSON.stringify(event), String(warmUps), String(measured)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: process.env });
  return invocations.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

function medians(runs: readonly Invocations[]): Invocations {
  const medianOf = (field: Exclude<keyof Invocations, 'status'>) =>
    quantile(
      runs.map((run) => run[field]),
      0.5,
    );
  return {
    status: runs.find(({ status }) => status !== 200)?.status ?? 200,
    firstMs: medianOf('firstMs'),
    firstCpuMs: medianOf('firstCpuMs'),
    requestCpuMs: medianOf('requestCpuMs'),
  };
}
