import type { schedules, streamWorkers } from '../../shared/contract/background/index.ts';

/** Description of an alarm. */
export interface AlarmText {
  /** Section of docs/operations.md, by its anchor; also the alarm's name unless it has another. */
  readonly page: string;
  /** Effect on users. */
  readonly users: string;
  /** First step of the operator. */
  readonly action: string;
}

/** Texts of all alarms. A test requires a section of docs/operations.md for each. */
export const ALARM_TEXTS = {
  apiErrors: {
    page: 'api-errors',
    users: 'More than 5 % of API requests fail.',
    action: 'In the access log, find the routes that respond with 5xx; then read the log of their function.',
  },
  apiLatency: {
    page: 'api-latency',
    users: '1 % of API requests take longer than 8 seconds.',
    action: 'Compare the functions on the dashboard; only functions that call providers should take seconds.',
  },
  functionErrors: {
    page: 'function-errors',
    users: 'Requests or background runs of this function fail: it crashed, timed out or ran out of memory.',
    action: "Read the last error in the function's log and roll back the deployment that introduced it.",
  },
  functionThrottles: {
    page: 'function-throttles',
    users: 'Requests fail with 503 because the Lambda concurrency of the account is used up.',
    action: 'Find the busiest functions on the dashboard; stop them or request more Lambda concurrency.',
  },
  sweepSilent: {
    page: 'sweep-silent',
    users: 'Interrupted creations and reconnects are not finished; their secrets stay, and cost.',
    action: 'Check that the EventBridge rule is enabled and has permission to invoke the function.',
  },
  checksSilent: {
    page: 'checks-silent',
    users: 'No connection is checked: revoked credentials stay active until a flow fails on them.',
    action: 'Check that the EventBridge rule is enabled and that the function ends without an error.',
  },
  expirySilent: {
    page: 'expiry-silent',
    users: 'Nobody is notified of expiring credentials, and expired connections stay active.',
    action: 'Check that the EventBridge rule is enabled and that the function ends without an error.',
  },
  deletionsSilent: {
    page: 'deletions-silent',
    users: 'Deleted projects stay refused, but are not removed, and restored ones stay refused as well.',
    action: 'Check that the EventBridge rule is enabled and that the function ends without an error.',
  },
  digestsSilent: {
    page: 'digests-silent',
    users:
      'Subscribers get the first notice of a project only; later ones wait for a digest that is not sent.',
    action: 'Check that the EventBridge rule is enabled and the function ends without an error.',
  },
  checksBehind: {
    page: 'checks-behind',
    users: 'Statuses are out of date: checks have been waiting in the queue for more than 20 minutes.',
    action: "Compare the waiting checks with the worker's duration; raise checks.concurrency of the stage.",
  },
  checksLate: {
    page: 'checks-late',
    users: 'Some checks run more than 30 minutes after their scheduled time, so statuses are out of date.',
    action:
      'Find the late provider in the log of check-connections; check whether the scheduler was delayed.',
  },
  providerUnavailable: {
    page: 'provider-unavailable',
    users: 'The connections of one provider cannot be checked. They keep their status.',
    action: "Find the provider on the dashboard, then read that provider's status page.",
  },
  tokensUnavailable: {
    page: 'tokens-unavailable',
    users: 'Flows of one provider get no new access tokens; those that are still valid are issued.',
    action: "Find the provider on the dashboard, then read that provider's status page.",
  },
  oauthClientRefused: {
    page: 'oauth-client-refused',
    users: 'Nobody can connect this service, and its flows stop as access tokens end. No status changes.',
    action:
      'Compare the OAuth client that the alarm names with the console of its provider, and put it anew.',
  },
  grantsNotRevoked: {
    page: 'grants-not-revoked',
    users: 'None; a disconnected service still lists the platform among the apps that have access.',
    action: "Read the provider's status page, then check the revocation endpoint of its entry.",
  },
  sealsBroken: {
    page: 'seals-broken',
    users: 'Affected connections give no credentials, and their checks fail. No other credentials are used.',
    action: 'Find who wrote to the table besides the functions, in CloudTrail; then restore the items.',
  },
  operationsInterrupted: {
    page: 'operations-interrupted',
    users: 'Creations, reconnects or refreshes did not finish; those who asked saw an error.',
    action: 'In the logs of the functions that write credentials, look for timeouts and crashes.',
  },
  manyEnding: {
    page: 'many-ending',
    users: 'The credentials of many connections end within days; each project was notified.',
    action: 'List the expiring connections by provider, and see whether its entry should refresh them.',
  },
  deadLetters: {
    page: 'dead-letters',
    users: 'No effect yet: background work failed after all retries and waits for an operator.',
    action: 'Find the cause in the log, fix it, then redrive; failures of stream workers within 18 hours.',
  },
  streamAge: {
    page: 'stream-age',
    users: 'No effect yet: ended grants are not revoked, and secrets of disconnected connections stay.',
    action: "Find the record that fails repeatedly in the function's log.",
  },
  eventLag: {
    page: 'event-lag',
    users: 'Notices are late, and flow engines receive changes of connections late.',
    action: 'In the log of relay-events, see whether all events fail or a single record does.',
  },
  noticesFailed: {
    page: 'notices-failed',
    users: 'A subscriber did not receive a notice.',
    action: 'Find the failing subscription of the topic, then remove it or correct its address.',
  },
  webhookFailing: {
    page: 'webhook-failing',
    users: 'The webhook receives events late, or not at all once retries end after a day.',
    action: 'Contact the owner of the endpoint; dead letters hold the status code of its responses.',
  },
  tableThrottles: {
    page: 'table-throttles',
    users: 'Requests are slow or fail with 503 busy.',
    action:
      'Find out whether one project causes most requests; throttle that caller until the table has scaled.',
  },
  tableErrors: {
    page: 'table-errors',
    users: 'Requests fail because of errors of DynamoDB.',
    action: "Check AWS Health for DynamoDB and KMS, and that the table's key is enabled.",
  },
} as const satisfies Record<string, AlarmText>;

type EntryOf<D extends Readonly<Record<string, { readonly entry: string }>>> = D[keyof D]['entry'];

/** Text of the alarm on a schedule that stopped running. */
export const SCHEDULE_STOPPED_TEXTS: Readonly<Record<EntryOf<typeof schedules>, AlarmText>> = {
  'schedules/sweep-orphans': ALARM_TEXTS.sweepSilent,
  'schedules/enqueue-due-checks': ALARM_TEXTS.checksSilent,
  'schedules/announce-expiry': ALARM_TEXTS.expirySilent,
  'schedules/advance-deletions': ALARM_TEXTS.deletionsSilent,
  'schedules/send-digests': ALARM_TEXTS.digestsSilent,
};

/** Text of the alarm on a stream worker whose records wait too long. */
export const STREAM_LAG_TEXTS: Readonly<Record<EntryOf<typeof streamWorkers>, AlarmText>> = {
  'streams/retire-secrets': ALARM_TEXTS.streamAge,
  'streams/relay-events': ALARM_TEXTS.eventLag,
};
