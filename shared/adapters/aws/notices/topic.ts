import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notifier } from '../../../domain/notices/notify.ts';
import { CLIENT_CONFIG } from '../sdk.ts';

/** The SNS topic of notices and its client. */
export interface Topic {
  readonly client: SNSClient;
  readonly arn: string;
}

/** Opens a topic. Endpoint and credentials come from the SDK's environment variables. */
export function openTopic(arn: string): Topic {
  return { client: new SNSClient(CLIENT_CONFIG), arn };
}

/** Publishes notices to a topic. Subscriptions can filter by the message attributes. */
export function notifier({ client, arn }: Topic): Notifier {
  return {
    async send({ projectId, provider, type, subject, text }) {
      const MessageAttributes = Object.fromEntries(
        Object.entries({ projectId, provider, type }).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      );
      await client.send(
        new PublishCommand({ TopicArn: arn, Subject: subject, Message: text, MessageAttributes }),
      );
    },
  };
}
