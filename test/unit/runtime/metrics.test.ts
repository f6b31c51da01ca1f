import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  countChecks,
  countEnqueued,
  countFailedRevocation,
  countItems,
  countNotice,
  countSuperseded,
  recordDelay,
} from '../../../shared/runtime/metrics.ts';

beforeEach(() => vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'INFO'));
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Returns the lines that a call writes for CloudWatch. */
function linesOf(publish: () => void): readonly unknown[] {
  const output: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => output.push(String(text)) > 0);
  publish();
  vi.restoreAllMocks();
  return output.map((text) => JSON.parse(text));
}

/** Returns a line in the embedded metric format. */
function line(values: Readonly<Record<string, number>>, dimensions: object = {}, Unit = 'Count') {
  const all = { service: 'connections', ...dimensions };
  const directive = {
    Namespace: 'Connections',
    Dimensions: [Object.keys(all)],
    Metrics: Object.keys(values).map((Name) => ({ Name, Unit })),
  };
  return { _aws: { Timestamp: expect.any(Number), CloudWatchMetrics: [directive] }, ...all, ...values };
}

test.each<readonly [string, () => void, readonly unknown[]]>([
  ['the delay of a batch, in seconds', () => recordDelay(61), [line({ SecondsLate: 61 }, {}, 'Seconds')]],
  ['a run of the scheduler', () => countEnqueued(2, 40), [line({ MinutesEnqueued: 2, ChecksEnqueued: 40 })]],
  ['superseded checks', () => countSuperseded(7), [line({ ChecksSuperseded: 7 })]],
  ['no superseded check', () => countSuperseded(0), []],
  ['items of a schedule', () => countItems('sweep', 3), [line({ ItemsDone: 3 }, { schedule: 'sweep' })]],
  ['no item', () => countItems('sweep', 0), []],
  ['a notice', () => countNotice('expiring'), [line({ Notices: 1 }, { kind: 'expiring' })]],
  [
    'a revocation that was given up',
    () => countFailedRevocation('box', 'given_up'),
    [line({ RevocationsFailed: 1 }, { provider: 'box' })],
  ],
  [
    'checks of which half had no response',
    () => countChecks('box', { ok: 2, unavailable: 2 }),
    [
      line({ Checks: 2 }, { provider: 'box', outcome: 'ok' }),
      line({ Checks: 2 }, { provider: 'box', outcome: 'unavailable' }),
    ],
  ],
  [
    'checks of which most had no response',
    () => countChecks('box', { rejected: 1, unavailable: 2 }),
    [
      line({ Checks: 1 }, { provider: 'box', outcome: 'rejected' }),
      line({ Checks: 2 }, { provider: 'box', outcome: 'unavailable' }),
      line({ ChecksWithoutResponse: 2 }, { provider: 'box' }),
    ],
  ],
])('the metrics of %s', (_what, publish, expected) => expect(linesOf(publish)).toEqual(expected));

test('no metric is written where the stage logs no information', () => {
  vi.stubEnv('AWS_LAMBDA_LOG_LEVEL', 'WARN');
  expect(linesOf(() => recordDelay(61))).toEqual([]);
});
