import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { PERIOD_MINUTES } from '../../shared/domain/checks/slots.ts';
import { printHeading, printLine, printVerdict, type Verdict } from './print.ts';

const HELP = `Measures what the project costs, and checks the documented ratios.

  npm run bench -- [--quick] [reads] [writes] [checks] [start] [floor] [throughput] [local] [migrate]
                 [scale [--connections <n>] [--slots <n>]]

  reads        capacity that lists and searches consume, relative to the cost of their bytes
  writes       capacity that each change consumes
  checks       time, capacity and waits of an hour of scheduled checks over TLS, with both credential stores;
               needs the program openssl
  start        load and first event of bundled functions, and the size of the bundles
  floor        CPU and start of connections/list, relative to the SDK alone doing the same calls
  throughput   requests per second through local mode, relative to an empty function
  local        what a client of local mode waits for, with and without checks, and its memory
  migrate      what it takes to move connections to the other credential store
  scale        a stage with 1,000,000 sealed connections: scheduler, checks, pages, searches, and an outage;
               only where it is named
  --connections <n>  how many connections scale has, 1,000 to 1,000,000
  --slots <n>        in how many minutes of the hour those due are stored, 1 to 60: 60 unless given. Slots that are
               stored are as full as they would be; with 3, a million connections are a table of 100,000
  --quick      no projects of 100,000 connections, and checks of 4,000 connections instead of 100,000
`;
const verdictMessage = z.array(z.object({ passed: z.boolean(), claim: z.string() }));
const PARTS = ['reads', 'writes', 'checks', 'start', 'floor', 'throughput', 'local', 'migrate'] as const;
/** Takes many minutes, so it runs only where it is named. */
const SCALE = 'scale';
const MOST_CONNECTIONS = 1_000_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    connections: { type: 'string', default: String(MOST_CONNECTIONS) },
    slots: { type: 'string', default: String(PERIOD_MINUTES.hour) },
  },
});
const unknown = positionals.filter((name) => ![...PARTS, SCALE].some((part) => part === name));
const isWithin = (text: string, least: number, most: number) =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
const isSize =
  isWithin(values.connections, 1_000, MOST_CONNECTIONS) && isWithin(values.slots, 1, PERIOD_MINUTES.hour);
if (values.help || unknown.length > 0 || !isSize) {
  printLine(HELP);
  process.exitCode = values.help ? 0 : 1;
} else {
  const selected = [
    ...PARTS.filter((part) => positionals.length === 0 || positionals.includes(part)),
    ...positionals.filter((name) => name === SCALE),
  ];
  await bench(selected, [
    ...(values.quick ? ['--quick'] : []),
    `--connections=${values.connections}`,
    `--slots=${values.slots}`,
  ]);
}

async function bench(parts: readonly string[], flags: readonly string[]): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const part of parts) verdicts.push(...(await run(part, flags)));
  printHeading('Verdicts');
  for (const verdict of verdicts) printVerdict(verdict);
  if (verdicts.some(({ passed }) => !passed)) process.exitCode = 1;
}

/** Runs a part in its own process. A part that crashes is a failed verdict, and the others run all the same. */
async function run(part: string, flags: readonly string[]): Promise<readonly Verdict[]> {
  const child = fork(join(import.meta.dirname, 'part.ts'), [part, ...flags], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const received: Verdict[] = [];
  child.on('message', (message) => received.push(...verdictMessage.parse(message)));
  const [code] = await once(child, 'exit');
  return code === 0 ? received : [...received, { passed: false, claim: `${part}: crashed` }];
}
