import { randomUUID } from 'node:crypto';
import type { DynamoDBRecord } from 'aws-lambda';
import { issue } from '../../../functions/http/engine/issue-credentials.ts';
import { report } from '../../../functions/http/engine/report-failure.ts';
import { writtenEntry } from '../../../functions/wiring/stream.ts';
import { buildEvent } from '../../../local/api-gateway/event.ts';
import { compileRoutes } from '../../../local/api-gateway/router.ts';
import { lambdaContext } from '../../../local/lambda.ts';
import { recordOf } from '../../../local/queue/event-source.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../../shared/contract/background/index.ts';
import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { enqueueDueChecks } from '../../../shared/domain/checks/enqueue-due.ts';
import { announceExpiry } from '../../../shared/domain/connections/announce-expiry.ts';
import { relayEntries } from '../../../shared/domain/events/relay.ts';
import { notifyPeople } from '../../../shared/domain/notices/notify.ts';
import { checkBatchMessage } from '../../../shared/messages/check-batch.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import { onEvent } from '../../../shared/runtime/background/event.ts';
import { onQueue } from '../../../shared/runtime/background/queue.ts';
import { onSchedule } from '../../../shared/runtime/background/schedule.ts';
import { onStreamTogether } from '../../../shared/runtime/background/stream.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import type { Ports } from './process.ts';
import type { Message } from './queue.ts';

const IAM = {
  accessKeyId: 'made-up',
  secretAccessKey: 'made-up',
  region: 'eu-west-1',
  userArn: 'arn:aws:iam::000000000000:user/flow-engine',
};
const context = () => lambdaContext('function', IAM, 60_000);

/** What EventBridge starts a scheduled function with; the time is that of the ports. */
const scheduledFor = ({ clock }: Ports) => ({ id: randomUUID(), time: clock.now().toISOString() });

/** Each function as Lambda runs it, but with the ports of a process of the test. */
export async function runScheduler(ports: Ports): Promise<void> {
  const handler = onSchedule(
    schedules.enqueueDueChecks,
    async (given) => ({ done: (await enqueueDueChecks(given)).done, failures: [] }),
    { catalog, ports: () => ports },
  );
  await handler(scheduledFor(ports), context());
}

export async function runAnnouncer(ports: Ports): Promise<void> {
  const handler = onSchedule(schedules.announceExpiry, announceExpiry, { catalog, ports: () => ports });
  await handler(scheduledFor(ports), context());
}

/** The ids of the messages that are to come again. */
export async function runWorker(messages: readonly Message[], ports: Ports): Promise<ReadonlySet<string>> {
  const handler = onQueue(
    queueWorkers.checkConnections,
    { message: checkBatchMessage, handle: checkBatch },
    { catalog, ports: () => ports },
  );
  const Records = messages.map(({ messageId, body }) => recordOf({ MessageId: messageId, Body: body }));
  const { batchItemFailures } = await handler({ Records }, context());
  return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
}

/** The records that are to come again: from the first that failed on, as Lambda has it. */
export async function runRelay(
  records: readonly DynamoDBRecord[],
  ports: Ports,
): Promise<readonly DynamoDBRecord[]> {
  const handler = onStreamTogether(
    streamWorkers.relayEvents,
    { read: writtenEntry, handle: relayEntries },
    { ports: () => ports },
  );
  const { batchItemFailures } = await handler({ Records: [...records] }, context());
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const first = records.findIndex(({ dynamodb }) => failed.has(dynamodb?.SequenceNumber ?? ''));
  return first < 0 ? [] : records.slice(first);
}

export async function runNotifier(detail: ConnectionEvent, ports: Ports): Promise<void> {
  const handler = onEvent(eventHandlers.notify, notifyPeople, { catalog, ports: () => ports });
  await handler({ id: randomUUID(), detail }, context());
}

/** A request of the flow engine. */
interface EngineRequest {
  readonly projectId: string;
  readonly connectionId: string;
}

/** Asks for credentials. */
export function askCredentials(request: EngineRequest, ports: Ports) {
  const handler = lambda(issue, { catalog, ports: () => ports });
  return handler(eventOf(issue.route, request), context());
}

/** Reports that a provider refused the engine. */
export function reportRefusal(request: EngineRequest, ports: Ports) {
  const handler = lambda(report, { catalog, guards: () => ports, ports: () => ports });
  return handler(eventOf(report.route, request, { status: 401 }), context());
}

/** The event of a signed request. */
function eventOf(
  { method, path }: { readonly method: string; readonly path: string },
  { projectId, connectionId }: EngineRequest,
  body?: object,
) {
  const encodedPath = path.replace('{projectId}', projectId).replace('{connectionId}', connectionId);
  const find = compileRoutes([{ method, path, authorizer: 'iam', handler: async () => undefined }]);
  const match = find(method, encodedPath);
  if (!match) throw new Error(`No route for ${encodedPath}.`);
  const { accessKeyId, userArn } = IAM;
  return buildEvent({
    request: {
      method,
      encodedPath,
      rawQueryString: '',
      headers: {
        host: '127.0.0.1',
        'content-type': 'application/json',
      },
      cookies: [],
      body: Buffer.from(body ? JSON.stringify(body) : ''),
      sourceIp: '127.0.0.1',
      serverPort: 80,
    },
    match,
    authorizer: {
      iam: {
        accessKey: accessKeyId,
        accountId: '000000000000',
        callerId: accessKeyId,
        cognitoIdentity: null,
        principalOrgId: 'o-local',
        userArn,
        userId: accessKeyId,
      },
    },
    requestId: randomUUID(),
    accountId: '000000000000',
    now: new Date(),
  });
}
