import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

export interface KeptKeyProps {
  readonly alias: string;
  readonly description: string;
  /** @default RETAIN; another only where what it encrypts goes with it */
  readonly removalPolicy?: RemovalPolicy;
}

/** A key without which data could not be read again: rotated each year, and kept when its stack is deleted. */
export class KeptKey extends Key {
  constructor(scope: Construct, id: string, props: KeptKeyProps) {
    super(scope, id, {
      removalPolicy: RemovalPolicy.RETAIN,
      ...props,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
    });
  }

  /**
   * Lets CloudWatch Logs encrypt the log groups whose names are like one of the patterns.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  allowLogs(names: readonly string[]): void {
    const { partition, region, account } = Stack.of(this);
    const arns = names.map((name) => `arn:${partition}:logs:${region}:${account}:log-group:${name}`);
    this.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': arns } },
      }),
    );
  }

  /**
   * Lets EventBridge encrypt a bus and its archives: both name the bus in what they encrypt.
   * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html
   */
  allowBus(busName: string): void {
    const { partition, region, account } = Stack.of(this);
    const bus = `arn:${partition}:events:${region}:${account}:event-bus/${busName}`;
    const principals = [new ServicePrincipal('events.amazonaws.com')];
    const ours = { 'aws:SourceAccount': account };
    this.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['kms:DescribeKey'],
        resources: ['*'],
        conditions: { StringEquals: ours },
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: { StringEquals: { ...ours, 'kms:EncryptionContext:aws:events:event-bus:arn': bus } },
      }),
    );
  }
}
