import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { heading, say, type Verdict, verdictLine } from './print.ts';

const HELP = `Measures what the project costs, and checks the ratios that it promises.

  npm run bench -- [--quick] [reads] [writes] [checks] [start] [throughput]

  reads        capacity that lists and searches consume, against what their bytes cost
  writes       capacity that each change consumes
  checks       what an hour of scheduled checks takes, consumes and keeps waiting
  start        load and first event of bundled functions, and what the bundles weigh
  throughput   requests a second through the local front, against a function that does nothing
  --quick      reads no projects of 100,000 connections, and checks 4,000 connections rather than 100,000
`;
const sent = z.array(z.object({ passed: z.boolean(), claim: z.string() }));
const PARTS = ['reads', 'writes', 'checks', 'start', 'throughput'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !PARTS.some((part) => part === name));
if (values.help || unknown.length > 0) {
  say(HELP);
  process.exitCode = values.help ? 0 : 1;
} else {
  const wanted = PARTS.filter((part) => positionals.length === 0 || positionals.includes(part));
  await bench(wanted, values.quick ? ['--quick'] : []);
}

async function bench(parts: readonly string[], flags: readonly string[]): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const part of parts) verdicts.push(...(await run(part, flags)));
  heading('Verdicts');
  for (const verdict of verdicts) verdictLine(verdict);
  if (verdicts.some(({ passed }) => !passed)) process.exitCode = 1;
}

/** A part that breaks off is a failure, and the others go on. */
async function run(part: string, flags: readonly string[]): Promise<readonly Verdict[]> {
  const child = fork(join(import.meta.dirname, 'part.ts'), [part, ...flags], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const received: Verdict[] = [];
  child.on('message', (message) => received.push(...sent.parse(message)));
  const [code] = await once(child, 'exit');
  return code === 0 ? received : [...received, { passed: false, claim: `${part}: broke off` }];
}
