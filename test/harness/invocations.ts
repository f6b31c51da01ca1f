import { randomUUID } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import { list } from '../../functions/http/connections/list.ts';
import { issue } from '../../functions/http/engine/issue-credentials.ts';
import { report } from '../../functions/http/engine/report-failure.ts';
import { type AuthorizerContext, buildEvent } from '../../local/api-gateway/event.ts';
import { compileRoutes } from '../../local/api-gateway/router.ts';
import { lambdaContext } from '../../local/lambda.ts';
import { recordOf } from '../../local/queue/event-source.ts';
import { insertedEntry } from '../../shared/adapters/aws/table/stream-records.ts';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { checkBatch } from '../../shared/domain/checks/check-batch.ts';
import { enqueueDueChecks } from '../../shared/domain/checks/enqueue-due.ts';
import { announceExpiry } from '../../shared/domain/connections/announce-expiry.ts';
import { relayEntries } from '../../shared/domain/events/relay.ts';
import type { ConnectionRef } from '../../shared/domain/model/connection.ts';
import { notifySubscribers, sendDigests } from '../../shared/domain/notices/notify.ts';
import { addSeconds, timestamp } from '../../shared/domain/operation-context.ts';
import { checkBatchMessage } from '../../shared/messages/check-batch.ts';
import type { ConnectionEvent } from '../../shared/messages/connection-event.ts';
import { onEvent } from '../../shared/runtime/background/event.ts';
import { onQueue } from '../../shared/runtime/background/queue.ts';
import { onSchedule } from '../../shared/runtime/background/schedule.ts';
import { onStreamBatch } from '../../shared/runtime/background/stream.ts';
import { lambda } from '../../shared/runtime/http/lambda.ts';
import { type Ports, wiringOf } from './process.ts';
import type { Message } from './timed-queue.ts';

/** Invokes functions as Lambda does, with the ports of a test's process. */

const IAM = {
  accessKeyId: 'made-up',
  secretAccessKey: 'made-up',
  region: 'eu-west-1',
  userArn: 'arn:aws:iam::000000000000:user/flow-engine',
};
const context = () => lambdaContext('function', IAM, 60_000);

/** Longer than the window of a project's notices. */
const DIGEST_SECONDS = 600;

/** Returns EventBridge's scheduled event at the time of the ports. */
const scheduledEvent = ({ clock }: Ports) => ({ id: randomUUID(), time: clock.now().toISOString() });

export async function runScheduler(ports: Ports): Promise<void> {
  const handler = onSchedule(
    schedules.enqueueDueChecks,
    async (given) => ({ done: (await enqueueDueChecks(given)).checks, failures: [] }),
    wiringOf(ports),
  );
  await handler(scheduledEvent(ports), context());
}

export async function runAnnouncer(ports: Ports): Promise<void> {
  const handler = onSchedule(schedules.announceExpiry, announceExpiry, wiringOf(ports));
  await handler(scheduledEvent(ports), context());
}

/** Invokes the worker of checks, and returns the ids of the messages that SQS will redeliver. */
export async function runWorker(messages: readonly Message[], ports: Ports): Promise<ReadonlySet<string>> {
  const handler = onQueue(
    queueWorkers.checkConnections,
    { message: checkBatchMessage, handle: checkBatch },
    wiringOf(ports),
  );
  const Records = messages.map(({ messageId, body }) => recordOf({ MessageId: messageId, Body: body }));
  const { batchItemFailures } = await handler({ Records }, context());
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}

/** Invokes the relay of events, and returns the records that Lambda will redeliver: from the first failed one on. */
export async function runRelay(
  records: readonly DynamoDBRecord[],
  ports: Ports,
): Promise<readonly DynamoDBRecord[]> {
  const handler = onStreamBatch(
    streamWorkers.relayEvents,
    { parse: insertedEntry, handle: relayEntries },
    wiringOf(ports),
  );
  const { batchItemFailures } = await handler({ Records: [...records] }, context());
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
  return first < 0 ? [] : records.slice(first);
}

export async function runNotifier(detail: ConnectionEvent, ports: Ports): Promise<void> {
  const handler = onEvent(eventHandlers.notify, notifySubscribers, wiringOf(ports));
  await handler({ id: randomUUID(), detail }, context());
}

/** Runs the schedule that sends digests, long after every window ended. */
export async function runDigests(ports: Ports): Promise<void> {
  const handler = onSchedule(schedules.sendDigests, sendDigests, wiringOf(ports));
  await handler({ time: timestamp(addSeconds(ports.clock.now(), DIGEST_SECONDS)) }, context());
}

/** Asks for credentials as the flow engine does. */
export function askCredentials(ref: ConnectionRef, ports: Ports) {
  return lambda(issue, wiringOf(ports))(engineEvent(issue.route, ref), context());
}

/** Reports, as the flow engine does, that a provider responded 401. */
export function reportRefusal(ref: ConnectionRef, ports: Ports) {
  return lambda(report, wiringOf(ports))(engineEvent(report.route, ref, { status: 401 }), context());
}

/** Lists connections of a project as a user, with a query such as `q=board`. */
export function listAs(userId: string, projectId: string, rawQueryString: string, ports: Ports) {
  const event = getEvent(list.route, `/v1/projects/${projectId}/connections`, userId, rawQueryString);
  return lambda(list, wiringOf(ports))(event, context());
}

interface Matchable {
  readonly method: string;
  readonly path: string;
}

/** Returns API Gateway's event of a user's GET, whose token the authorizer accepted. */
export function getEvent(route: Matchable, encodedPath: string, userId: string, rawQueryString = '') {
  const headers = { host: '127.0.0.1', authorization: 'Bearer e30.e30.e30' };
  const authorizer = { principalId: '', integrationLatency: 0, jwt: { claims: { sub: userId }, scopes: [] } };
  return eventOf(route, { encodedPath, rawQueryString, headers, body: '' }, authorizer);
}

/** Returns API Gateway's event of a signed request. */
function engineEvent(route: Matchable, { projectId, connectionId }: ConnectionRef, body?: object) {
  const encodedPath = route.path.replace('{projectId}', projectId).replace('{connectionId}', connectionId);
  const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
  const request = { encodedPath, rawQueryString: '', headers, body: body ? JSON.stringify(body) : '' };
  const { accessKeyId, userArn } = IAM;
  return eventOf(route, request, {
    iam: {
      accessKey: accessKeyId,
      accountId: '000000000000',
      callerId: accessKeyId,
      cognitoIdentity: null,
      principalOrgId: 'o-local',
      userArn,
      userId: accessKeyId,
    },
  });
}

interface RequestParts {
  readonly encodedPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function eventOf({ method, path }: Matchable, request: RequestParts, authorizer: AuthorizerContext) {
  const { encodedPath, body } = request;
  const find = compileRoutes([{ method, path, authorizer: 'iam', handler: async () => undefined }]);
  const match = find(method, encodedPath);
  if (!match) throw new Error(`No route for ${encodedPath}.`);
  return buildEvent({
    request: {
      ...request,
      method,
      cookies: [],
      body: Buffer.from(body),
      sourceIp: '127.0.0.1',
      serverPort: 80,
    },
    match,
    authorizer,
    requestId: randomUUID(),
    accountId: '000000000000',
    now: new Date(),
  });
}
