import { parseArgs } from 'node:util';
import { benchChecks } from './checks/report.ts';
import { benchColdStart } from './cold-start.ts';
import { benchLocal } from './local.ts';
import { benchMigration } from './migrate.ts';
import type { Verdict } from './print.ts';
import { benchReads } from './reads/report.ts';
import { benchScale } from './scale/report.ts';
import { benchBesideSdk } from './sdk-alone/report.ts';
import { benchThroughput } from './throughput.ts';
import { benchWrites } from './writes.ts';

/*
 * Runs the part of the bench that the first argument names, and sends its verdicts to the parent. Each part has its own
 * process, since functions create their clients once per process.
 */
type Part = (options: { quick: boolean; connections: number; slots: number }) => Promise<readonly Verdict[]>;
const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['reads', benchReads],
  ['writes', benchWrites],
  ['checks', benchChecks],
  ['start', benchColdStart],
  ['floor', benchBesideSdk],
  ['throughput', benchThroughput],
  ['local', benchLocal],
  ['migrate', benchMigration],
  ['scale', benchScale],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    connections: { type: 'string' },
    slots: { type: 'string' },
  },
});
Object.assign(process.env, {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_LAMBDA_LOG_LEVEL: 'FATAL',
});
const [name = ''] = positionals;
const { quick, connections, slots } = values;
const options = { quick, connections: Number(connections), slots: Number(slots) };
const verdicts = await PARTS.get(name)?.(options);
process.send?.(verdicts ?? [], () => process.disconnect());
