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

/** Publishes messages, with links to the console, to a topic. Subscriptions can filter by the message attributes. */
export function notifier({ client, arn }: Topic, consoleUrl: string | undefined): Notifier {
  return {
    consoleUrl,
    async send({ projectId, providers, types, subject, text }) {
      const MessageAttributes = {
        projectId: attribute([projectId]),
        provider: attribute(providers),
        type: attribute(types),
      };
      await client.send(
        new PublishCommand({ TopicArn: arn, Subject: subject, Message: text, MessageAttributes }),
      );
    },
  };
}

/** A filter on an array matches if it matches any element. */
function attribute(values: readonly string[]) {
  const [only] = values;
  return values.length === 1
    ? { DataType: 'String', StringValue: only }
    : { DataType: 'String.Array', StringValue: JSON.stringify(values) };
}
