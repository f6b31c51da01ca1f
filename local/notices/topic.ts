import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

/** A notice as a subscriber of the topic gets it. */
export interface ReceivedNotice {
  readonly subject: string;
  readonly text: string;
  /** What subscriptions can filter by. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Topic {
  readonly arn: string;
  /** Waits until every notice that was sent has been received. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

interface TopicOptions {
  /** Of a server that plays SNS and SQS. */
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

const LOOK_MS = 200;

/** Makes the topic of notices, and subscribes to it by a queue. */
export async function startTopic({ url, region, onNotice, onError }: TopicOptions): Promise<Topic> {
  const settings = { endpoint: url, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const sns = new SNSClient(settings);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const QueueName = 'received-notices';
  const [{ TopicArn = '' }, { QueueUrl = '' }] = await Promise.all([
    sns.send(new CreateTopicCommand({ Name: 'notices' })),
    sqs.send(new CreateQueueCommand({ QueueName })),
  ]);
  const Endpoint = `arn:aws:sqs:${region}:000000000000:${QueueName}`;
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
  let running: Promise<void> | undefined;
  const drain = () => {
    running ??= receiveAll(sqs, QueueUrl, onNotice).finally(() => {
      running = undefined;
    });
    return running;
  };
  const timer = setInterval(() => drain().catch(onError), LOOK_MS);
  return {
    arn: TopicArn,
    async drain() {
      await Promise.allSettled([running]);
      await drain();
    },
    async close() {
      clearInterval(timer);
      await Promise.allSettled([running]);
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
    for (const { Body = '' } of Messages) onNotice(received(Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

function received(body: string): ReceivedNotice {
  const { Subject, Message, MessageAttributes } = notification.parse(JSON.parse(body));
  const attributes = Object.entries(MessageAttributes).map(([name, { Value }]) => [name, Value]);
  return { subject: Subject, text: Message, attributes: Object.fromEntries(attributes) };
}
