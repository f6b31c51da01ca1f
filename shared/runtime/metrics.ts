import type { OAuthProvider, TokenResult } from '../domain/credentials/oauth.ts';
import { IntegrityError } from '../domain/credentials/sealer.ts';
import type { CredentialReader } from '../domain/credentials/store.ts';
import type { EventBus } from '../domain/events/relay.ts';
import type { Revocation } from '../domain/issuing/retire-credentials.ts';
import { METRIC_NAMES, METRICS_NAMESPACE, type NoticeKind } from '../domain/terms.ts';
import type { ConnectionEvent } from '../messages/connection-event.ts';
import { optionalSetting, writeLine } from './environment.ts';
import { isLogged } from './logger.ts';

type MetricName = (typeof METRIC_NAMES)[keyof typeof METRIC_NAMES];

/**
 * Counts the checks of a batch by provider and outcome. When most of them had no response, those are counted a second
 * time, because that is the provider's failure at any size of the batch.
 */
export function countChecks(provider: string, outcomes: Readonly<Record<string, number>>): void {
  for (const [outcome, count] of Object.entries(outcomes)) {
    publish({ [METRIC_NAMES.checks]: count }, { provider, outcome });
  }
  const { unavailable = 0, ...others } = outcomes;
  const responded = Object.values(others).reduce((sum, count) => sum + count, 0);
  if (unavailable > responded) publish({ [METRIC_NAMES.checksWithoutResponse]: unavailable }, { provider });
}

/** Records the seconds between a batch's scheduled time and its start. */
export function recordDelay(secondsLate: number): void {
  publish({ [METRIC_NAMES.secondsLate]: secondsLate });
}

/** Counts checks that were dropped because the next scheduled check was due. */
export function countSuperseded(checks: number): void {
  if (checks > 0) publish({ [METRIC_NAMES.checksSuperseded]: checks });
}

/** Counts what one run of the scheduler enqueued. `minutes` is 1 when it keeps up. */
export function countEnqueued(minutes: number, checks: number): void {
  publish({ [METRIC_NAMES.minutesEnqueued]: minutes, [METRIC_NAMES.checksEnqueued]: checks });
}

/** Counts what one run of a schedule finished. `schedule` is the last part of its entry. */
export function countItems(schedule: string, items: number): void {
  if (items > 0) publish({ [METRIC_NAMES.itemsDone]: items }, { schedule });
}

/** Counts the revocation of a grant, if it failed for good. */
export function countFailedRevocation(provider: string, outcome: Revocation): void {
  if (outcome === 'given_up') publish({ [METRIC_NAMES.revocationsFailed]: 1 }, { provider });
}

/** Counts a notice, by its kind. */
export function countNotice(kind: NoticeKind): void {
  publish({ [METRIC_NAMES.notices]: 1 }, { kind });
}

/**
 * Returns a bus that counts the connections that turned inactive, by provider and reason, and active again. Events from the
 * first that failed on are not counted: the stream hands them over again.
 */
export function withStatusMetrics(bus: EventBus): EventBus {
  return {
    publish: async (events) => {
      const failed = await bus.publish(events);
      const firstFailed = Math.min(events.length, ...failed.map(({ index }) => index));
      for (const event of events.slice(0, firstFailed)) if ('connectionId' in event) countStatusChange(event);
      return failed;
    },
  };
}

/** Leaves out an inactive connection whose reason changed. */
function countStatusChange({ provider, from, to, reason }: ConnectionEvent): void {
  if (from?.status === to?.status) return;
  if (to?.status === 'active') publish({ [METRIC_NAMES.reactivations]: 1 }, { provider });
  if (to?.status === 'inactive' && reason) publish({ [METRIC_NAMES.deactivations]: 1 }, { provider, reason });
}

/** Returns a reader of credentials that counts those which were altered: see `IntegrityError`. */
export function withSealMetrics(reader: CredentialReader): CredentialReader {
  const counting = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      if (error instanceof IntegrityError) publish({ [METRIC_NAMES.sealsBroken]: 1 });
      throw error;
    }
  };
  return {
    read: (version) => counting(reader.read(version)),
    readIfKept: (version) => counting(reader.readIfKept(version)),
  };
}

/** Returns a caller of OAuth 2.0 endpoints whose token requests are counted by provider and outcome, or by client. */
export function withTokenMetrics(caller: OAuthProvider): OAuthProvider {
  return {
    ...caller,
    exchangeCode: async (party, grant) => counted(party.provider, await caller.exchangeCode(party, grant)),
    renew: async (party) => counted(party.provider, await caller.renew(party)),
  };
}

function counted(
  { id: provider, oauth2 }: Parameters<OAuthProvider['renew']>[0]['provider'],
  result: TokenResult,
): TokenResult {
  const { outcome } = result;
  publish({ [METRIC_NAMES.tokenRequests]: 1 }, { provider, outcome });
  const { client } = oauth2 ?? {};
  if (outcome === 'misconfigured' && client) publish({ [METRIC_NAMES.clientsRefused]: 1 }, { client });
  return result;
}

/**
 * Publishes metrics as one line in CloudWatch's embedded metric format, with the stage's service as a further dimension.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function publish(
  values: Readonly<Partial<Record<MetricName, number>>>,
  dimensions: Readonly<Record<string, string>> = {},
): void {
  // Lambda treats a line without a level like INFO.
  if (!isLogged('INFO')) return;
  const all = { service: optionalSetting('SERVICE_NAME') ?? 'connections', ...dimensions };
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: unitOf(Name) }));
  const directive = { Namespace: METRICS_NAMESPACE, Dimensions: [Object.keys(all)], Metrics };
  const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] }, ...all, ...values };
  writeLine(JSON.stringify(line));
}

function unitOf(name: string): 'Count' | 'Seconds' {
  return name === METRIC_NAMES.secondsLate ? 'Seconds' : 'Count';
}
