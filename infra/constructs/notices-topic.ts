import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

export interface NoticesTopicProps {
  readonly topicName: string;
  readonly key: IKey;
  readonly emails: readonly string[];
}

/** What people subscribe to who want to know which connection stopped, or will. */
export class NoticesTopic extends Topic {
  constructor(scope: Construct, id: string, { topicName, key, emails }: NoticesTopicProps) {
    super(scope, id, { topicName, displayName: 'Connections', masterKey: key, enforceSSL: true });
    for (const address of emails) this.addSubscription(new EmailSubscription(address));
  }
}
