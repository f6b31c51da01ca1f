import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Notifier } from '../../../domain/notices/notice.ts';
import { CLIENT_CONFIG } from '../sdk-clients.ts';

/** The topic that people subscribe to, and the client that reaches it. */
export interface Topic {
  readonly client: SNSClient;
  readonly arn: string;
}

/** Opens a topic. The SDK's own variables say where and as whom. */
export function openTopic(arn: string): Topic {
  return { client: new SNSClient(CLIENT_CONFIG), arn };
}

/** Tells people by a topic; subscriptions can filter by its message attributes. */
export function notifier({ client, arn }: Topic): Notifier {
  return {
    async sendNotice({ projectId, provider, type, subject, text }) {
      const MessageAttributes = Object.fromEntries(
        Object.entries({ projectId, provider, type }).map(([name, StringValue]) => [
          name,
          { DataType: 'String', StringValue },
        ]),
      );
      const command = new PublishCommand({
        TopicArn: arn,
        Subject: subject,
        Message: text,
        MessageAttributes,
      });
      await client.send(command);
    },
  };
}
