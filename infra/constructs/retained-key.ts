import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

interface RetainedKeyProps {
  /** Alias without the `alias/` prefix. */
  readonly alias: string;
  readonly description: string;
  /** @default RETAIN_ON_UPDATE_OR_DELETE; use another policy only if everything the key encrypts is removed with it. */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * KMS key that is rotated every year and retained when its stack is deleted: without it, the data it encrypts
 * could never be read again. A deployment that creates it and fails removes it.
 */
export class RetainedKey extends Key {
  constructor(scope: Construct, id: string, props: RetainedKeyProps) {
    super(scope, id, {
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...props,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
    });
  }
}

/**
 * Lets CloudWatch Logs encrypt log groups of a scope's environment whose names match one of the patterns.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function allowLogGroups(scope: Construct, key: IKey, patterns: readonly string[]): void {
  const { partition, region, account } = Stack.of(scope);
  const arns = patterns.map((pattern) => `arn:${partition}:logs:${region}:${account}:log-group:${pattern}`);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arns } },
    }),
  );
}

/**
 * Lets EventBridge encrypt an event bus of a scope's environment and its archives: the encryption context of both names
 * the bus.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
 */
export function allowEventBus(scope: Construct, key: IKey, busName: string): void {
  const { partition, region, account } = Stack.of(scope);
  const busArn = `arn:${partition}:events:${region}:${account}:event-bus/${busName}`;
  const principals = [new ServicePrincipal('events.amazonaws.com')];
  const sourceAccount = { 'aws:SourceAccount': account };
  key.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['kms:DescribeKey'],
      resources: ['*'],
      conditions: { StringEquals: sourceAccount },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
      resources: ['*'],
      conditions: {
        StringEquals: { ...sourceAccount, 'kms:EncryptionContext:aws:events:event-bus:arn': busArn },
      },
    }),
  );
}
