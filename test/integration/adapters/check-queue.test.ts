import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, test } from 'vitest';
import { checkQueue, openQueue } from '../../../shared/adapters/aws/queue/check-queue.ts';

const sqs = mockClient(SQSClient);
afterEach(() => sqs.reset());
// Files that share a process share the class of the client.
afterAll(() => sqs.restore());

const queue = checkQueue(openQueue('https://sqs.example/queue'));
const batch = (providerId: string) => ({
  scheduledFor: '2026-11-02T08:30:00.000Z',
  correlationId: 'run',
  providerId,
  connections: [{ projectId: 'demo', connectionId: 'con_019c9f0c-0000-7000-8000-000000000001' }],
});

const refused = (...ids: readonly string[]) => ({
  Successful: [],
  Failed: ids.map((Id) => ({ Id, SenderFault: false, Code: 'InternalError' })),
});

/** Returns the provider of each batch, by request. */
function sent(): readonly (readonly string[])[] {
  return sqs
    .commandCalls(SendMessageBatchCommand)
    .map(({ args: [{ input }] }) =>
      (input.Entries ?? []).map(({ MessageBody = '' }) => JSON.parse(MessageBody).providerId),
    );
}

test('batches that SQS does not accept are sent once more, without the others', async () => {
  sqs
    .on(SendMessageBatchCommand)
    .resolvesOnce(refused('0', '2'))
    .resolvesOnce(refused('1'))
    .resolves(refused());
  await queue.enqueue(['trello', 'notion', 'slack'].map(batch));
  expect(sent()).toEqual([['trello', 'notion', 'slack'], ['trello', 'slack'], ['slack']]);
});

test('a request has ten batches at most, each with a delay of 900 s at most', async () => {
  sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
  const delays = [0, 899, 900, 2000, 0, 0, 0, 0, 0, 0, 7];
  await queue.enqueue(delays.map((delaySeconds) => ({ ...batch('trello'), delaySeconds })));
  const [first = [], ...others] = sqs
    .commandCalls(SendMessageBatchCommand)
    .map(({ args: [{ input }] }) => (input.Entries ?? []).map(({ DelaySeconds }) => DelaySeconds));
  expect(first).toEqual([0, 899, 900, 900, 0, 0, 0, 0, 0, 0]);
  expect(others).toEqual([[7]]);
});

test('after the third attempt, the caller learns that batches are left', async () => {
  sqs.on(SendMessageBatchCommand).resolves(refused('0'));
  await expect(queue.enqueue([batch('trello')])).rejects.toThrow('SQS did not accept 1 batches of checks.');
  expect(sent()).toHaveLength(3);
});
