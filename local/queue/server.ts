import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';

export interface QueueServer {
  readonly url: string;
  /** Makes a queue whose messages are put aside after `tries`; its URL. */
  createQueue(name: string, tries: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * Starts an SQS on loopback. Its messages live in memory: what is queued when local mode ends is checked with the
 * next turn instead.
 */
export async function startQueueServer(region: string): Promise<QueueServer> {
  const app = buildApp({ logger: false, host: '127.0.0.1', defaultRegion: region });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: url, region, credentials, useQueueUrlAsEndpoint: false });
  const urlOf = (name: string) => `${url}/000000000000/${name}`;
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) => {
    await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return urlOf(QueueName);
  };
  return {
    url,
    async createQueue(name, tries) {
      const QueueUrl = await create(`${name}-dead-letters`);
      const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
      const { Attributes } = await client.send(asked);
      const redrive = { deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: tries };
      return create(name, { RedrivePolicy: JSON.stringify(redrive), VisibilityTimeout: '60' });
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
}
