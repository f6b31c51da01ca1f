import { benchChecks } from './checks/report.ts';
import { benchColdStart } from './cold-start.ts';
import type { Verdict } from './print.ts';
import { benchReads } from './reads/report.ts';
import { benchBesideSdk } from './sdk-alone/report.ts';
import { benchThroughput } from './throughput.ts';
import { benchWrites } from './writes.ts';

/*
 * Runs the part of the bench that the first argument names, and sends its verdicts to the parent. Each part has its own
 * process, since functions create their clients once per process.
 */
const PARTS: ReadonlyMap<string, (options: { quick: boolean }) => Promise<readonly Verdict[]>> = new Map([
  ['reads', benchReads],
  ['writes', benchWrites],
  ['checks', benchChecks],
  ['start', benchColdStart],
  ['floor', benchBesideSdk],
  ['throughput', benchThroughput],
]);

const [name = '', ...flags] = process.argv.slice(2);
Object.assign(process.env, {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_LAMBDA_LOG_LEVEL: 'FATAL',
});
const verdicts = await PARTS.get(name)?.({ quick: flags.includes('--quick') });
process.send?.(verdicts ?? [], () => process.disconnect());
