import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

/** Time for which a received message stays invisible; Lambda deletes it before, once it is handled. */
export const VISIBILITY_TIMEOUT_SECONDS = 60;

export interface QueueServer {
  readonly url: string;
  /** Creates a queue with a dead-letter queue, which takes a message after `maxReceives`; returns its URL. */
  createQueue(name: string, maxReceives: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for SQS and SNS on loopback. Messages are in memory alone: a check whose message is lost when
 * local mode ends is enqueued again when its connection is due next.
 */
export async function startQueueServer(region: string): Promise<QueueServer> {
  const app = buildApp({ logger: false, host: '127.0.0.1', defaultRegion: region });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: url, region, credentials, useQueueUrlAsEndpoint: false });
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return `${url}/000000000000/${QueueName}`;
  };
  return {
    url,
    async createQueue(name, maxReceiveCount) {
      const QueueUrl = await create(`${name}-dead-letters`);
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
      );
      const redrive = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount };
      return create(name, {
        RedrivePolicy: JSON.stringify(redrive),
        VisibilityTimeout: String(VISIBILITY_TIMEOUT_SECONDS),
      });
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
}
