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
    users: 'More than 5 % of what people and flows ask for fails.',
    action: 'Look which routes answer 5xx in the access log, then into the log of their function.',
  },
  apiLatency: {
    page: 'api-latency',
    users: 'One request in a hundred takes longer than 8 seconds.',
    action: 'Compare the functions on the dashboard; only those that call providers may take seconds.',
  },
  functionErrors: {
    page: 'function-errors',
    users: 'A request or a background run ends without an answer: a crash, or no time left.',
    action: "Read the function's log for the last error and undo the deployment that brought it.",
  },
  functionThrottles: {
    page: 'function-throttles',
    users: 'Requests are refused with 503 because too many functions run at once.',
    action: "Find what runs that often on the dashboard; raise the account's Lambda concurrency.",
  },
  sweepSilent: {
    page: 'sweep-silent',
    users: 'Connections stay locked after a reconnect that was cut short.',
    action: 'See that the EventBridge rule is enabled and may invoke the function.',
  },
  checksSilent: {
    page: 'checks-silent',
    users: 'No connection is checked any more: what was revoked stays active until a flow fails.',
    action: 'See that the EventBridge rule is enabled and the function ends without an error.',
  },
  expirySilent: {
    page: 'expiry-silent',
    users: 'Nobody is told that credentials end soon, and connections stay active beyond their end.',
    action: 'See that the EventBridge rule is enabled and the function ends without an error.',
  },
  checksBehind: {
    page: 'checks-behind',
    users: 'Statuses are old: checks wait for more than 20 minutes, and nobody takes them up.',
    action: "Compare the checks that wait with the worker's duration; raise checks.concurrency of the stage.",
  },
  checksLate: {
    page: 'checks-late',
    users: 'Some statuses are more than half an hour older than was promised.',
    action: 'Find the late provider in the log of check-connections; see whether the scheduler was held up.',
  },
  providerUnavailable: {
    page: 'provider-unavailable',
    users: 'Nobody can tell whether the connections of one provider work. None is turned inactive by it.',
    action: "Look which provider it is on the dashboard, then at that provider's own status page.",
  },
  deadLetters: {
    page: 'dead-letters',
    users: 'Nothing at once, but background work was given up and waits for a person.',
    action: 'Find the cause in its log, mend it, then redrive; what a stream worker gave up, within a day.',
  },
  streamAge: {
    page: 'stream-age',
    users: 'Secrets of removed connections are not yet scheduled for deletion.',
    action: 'Look for one record that fails again and again in the log of the function.',
  },
  eventLag: {
    page: 'event-lag',
    users: 'Notices are late, and engines do not learn that a connection works again or stopped.',
    action: 'See in the log of relay-events whether the bus refuses all events or one record fails.',
  },
  noticesFailed: {
    page: 'notices-failed',
    users: 'Somebody who asked for notices did not get one.',
    action: 'Find the subscription that fails, and take it away or mend its address.',
  },
  webhookFailing: {
    page: 'webhook-failing',
    users: 'Whoever listens at the webhook learns of changes late, or after a day not at all.',
    action: 'Ask whoever runs the address; look at the status that it answers with in the dead letters.',
  },
  tableThrottles: {
    page: 'table-throttles',
    users: 'Requests are slow, or answered with 503 busy.',
    action: 'See whether one project draws most traffic; throttle that caller until the table has adapted.',
  },
  tableErrors: {
    page: 'table-errors',
    users: 'Requests fail because DynamoDB itself fails.',
    action: "Check AWS Health for DynamoDB and KMS, and that the table's key is enabled.",
  },
} as const satisfies Record<string, AlarmText>;

type EntryOf<D extends Readonly<Record<string, { readonly entry: string }>>> = D[keyof D]['entry'];

/** Text of the alarm on a schedule that stopped running. */
export const SCHEDULE_STOPPED_TEXTS: Readonly<Record<EntryOf<typeof schedules>, AlarmText>> = {
  'schedules/sweep-orphans': ALARM_TEXTS.sweepSilent,
  'schedules/enqueue-due-checks': ALARM_TEXTS.checksSilent,
  'schedules/announce-expiry': ALARM_TEXTS.expirySilent,
};

/** Text of the alarm on a stream worker whose records wait too long. */
export const STREAM_LAG_TEXTS: Readonly<Record<EntryOf<typeof streamWorkers>, AlarmText>> = {
  'streams/retire-secrets': ALARM_TEXTS.streamAge,
  'streams/relay-events': ALARM_TEXTS.eventLag,
};
