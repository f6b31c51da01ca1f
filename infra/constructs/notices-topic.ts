import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

interface NoticesTopicProps {
  readonly topicName: string;
  readonly key: IKey;
  readonly emails: readonly string[];
}

/** Encrypted SNS topic of notices about connections that stopped working, work again or will expire. */
export class NoticesTopic extends Topic {
  constructor(scope: Construct, id: string, { topicName, key, emails }: NoticesTopicProps) {
    super(scope, id, { topicName, displayName: 'Connections', masterKey: key, enforceSSL: true });
    for (const email of emails) this.addSubscription(new EmailSubscription(email));
  }
}
