import { queueWorkers } from '../../../shared/contract/background/index.ts';
import { BATCH_SIZE } from '../../../shared/domain/checks/ports.ts';
import { PERIOD_MINUTES } from '../../../shared/domain/checks/slots.ts';
import type { Cadence } from '../../../shared/domain/terms.ts';
import { CHECKS_PER_TAKE, PROVIDERS, SENT_TOGETHER, TAKE_SECONDS } from './usage.ts';

/** Minutes of a month of 730 hours. */
export const MONTH_MINUTES = 43_800;

/** Usage of the checks of a stage in a month. */
export interface MonthOfChecks {
  readonly checks: number;
  readonly messages: number;
  readonly invocations: number;
  /** Seconds of all invocations. */
  readonly seconds: number;
  /** Takes of tokens from the providers' buckets. */
  readonly takes: number;
  readonly queueRequests: number;
  readonly traces: number;
}

/**
 * Returns what a month of checks takes. Each minute, the checks of a provider are messages of 50 and one of the rest.
 * Full messages come as many to an invocation as it accepts; the others are counted as if each came alone.
 */
export function monthOfChecks(connections: number, cadence: Cadence): MonthOfChecks {
  const perMinute = connections / PERIOD_MINUTES[cadence];
  const share = perMinute / PROVIDERS;
  const full = Math.floor(share / BATCH_SIZE) * PROVIDERS;
  const rest = share % BATCH_SIZE;
  const partial = Math.min(perMinute, rest > 0 ? PROVIDERS : 0);
  const takesOfFull = BATCH_SIZE / CHECKS_PER_TAKE;
  const takesOfPartial = Math.ceil(rest / CHECKS_PER_TAKE);
  const fullInvocations = full / queueWorkers.checkConnections.batchSize;
  const invocations = fullInvocations + partial;
  const each = {
    checks: perMinute,
    messages: full + partial,
    invocations,
    seconds: TAKE_SECONDS * (fullInvocations * takesOfFull + partial * takesOfPartial),
    takes: full * takesOfFull + partial * takesOfPartial,
    queueRequests: (full + partial) / SENT_TOGETHER + 2 * invocations,
    traces: tracesOf(invocations),
  };
  const month = (value: number) => value * MONTH_MINUTES;
  return {
    checks: month(each.checks),
    messages: month(each.messages),
    invocations: month(each.invocations),
    seconds: month(each.seconds),
    takes: month(each.takes),
    queueRequests: month(each.queueRequests),
    traces: month(each.traces),
  };
}

/** X-Ray's default rule traces the first request of each second and 5 % of the others. */
function tracesOf(perMinute: number): number {
  const first = Math.min(perMinute, 60);
  return first + 0.05 * (perMinute - first);
}
