import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';
import { startPolling } from '../polling.ts';

/** A notice as a subscriber of the topic receives it. */
export interface ReceivedNotice {
  readonly subject: string;
  readonly text: string;
  /** The attributes that subscriptions can filter by. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Topic {
  readonly arn: string;
  /** Waits until every notice sent by now has been received. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

interface TopicOptions {
  /** The address of a server that stands in for SNS and SQS. */
  readonly url: string;
  readonly region: string;
  readonly onNotice: (notice: ReceivedNotice) => void;
  readonly onError: (error: unknown) => void;
}

const notification = z.object({
  Subject: z.string(),
  Message: z.string(),
  MessageAttributes: z.record(z.string(), z.object({ Value: z.string() })),
});

const POLL_MS = 200;
const QUEUE = 'received-notices';

/** Creates the topic of notices, and subscribes to it by a queue. */
export async function startTopic({ url, region, onNotice, onError }: TopicOptions): Promise<Topic> {
  const settings = { endpoint: url, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const sns = new SNSClient(settings);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const [{ TopicArn = '' }, { QueueUrl = '' }] = await Promise.all([
    sns.send(new CreateTopicCommand({ Name: 'notices' })),
    sqs.send(new CreateQueueCommand({ QueueName: QUEUE })),
  ]);
  const Endpoint = `arn:aws:sqs:${region}:000000000000:${QUEUE}`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  const polling = startPolling(() => receiveAll(sqs, QueueUrl, onNotice), POLL_MS, onError);
  return {
    arn: TopicArn,
    drain: () => polling.runNow(),
    async close() {
      await polling.close();
      sns.destroy();
      sqs.destroy();
    },
  };
}

async function receiveAll(
  sqs: SQSClient,
  QueueUrl: string,
  onNotice: TopicOptions['onNotice'],
): Promise<void> {
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 });
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return;
    for (const { Body = '' } of Messages) onNotice(readNotice(Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

function readNotice(body: string): ReceivedNotice {
  const { Subject, Message, MessageAttributes } = notification.parse(JSON.parse(body));
  const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]);
  return { subject: Subject, text: Message, attributes: Object.fromEntries(attributes) };
}

/** Formats a notice as lines for a terminal. */
export function formatNotice({ subject, text }: ReceivedNotice): string {
  const lines = [subject, ...text.split('\n').filter((line) => line !== '')];
  return lines.map((line, index) => `${index === 0 ? 'NOTICE ' : '       '}${line}\n`).join('');
}
