import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type IndexName, TABLE } from '../shared/adapters/aws/table/definition.ts';
import type { CredentialStoreName } from '../shared/domain/terms.ts';

/** Resources that functions are granted access to. */
export interface GrantTargets {
  readonly table: Pick<ITable, 'tableArn' | 'tableName'>;
  /** Returns the ARN of an index of the table. */
  readonly indexArn: (name: IndexName) => string;
  readonly tableKey: IKey;
  /** Prefix of the name of every connection's secret. */
  readonly secretsPrefix: string;
  /** ARN pattern of every connection's secret. */
  readonly secretsArn: string;
  readonly secretsKey: IKey;
  /** Prefix of the name of every OAuth client's secret. */
  readonly oauthClientsPrefix: string;
  /** ARN pattern of every OAuth client's secret. */
  readonly oauthClientsArn: string;
  /** Secret from which access tokens are sealed. */
  readonly dataKeySecret: Pick<ISecret, 'secretArn'>;
  /** Secret from which the data keys of projects are sealed. */
  readonly credentialsKeySecret: Pick<ISecret, 'secretArn'>;
  /** The store of new connections' credentials. */
  readonly credentialStore: CredentialStoreName;
  /** Web origins to which an authorization may return the browser. */
  readonly returnOrigins: readonly string[];
  /** Tags of every connection's secret. */
  readonly secretsTags: Readonly<Record<string, string>>;
  /** Calls per second of all checks to a provider whose entry gives no limit. */
  readonly providerCallsPerSecond: number;
  /** Calls per second of all checks to single providers, by their ids. */
  readonly providerCallRates: Readonly<Record<string, number>>;
  /** Requests in a minute of the users of one project that call providers. */
  readonly providerRequestsPerMinute: number;
  readonly checksQueue: Pick<IQueue, 'queueArn' | 'queueUrl'>;
  readonly bus: Pick<IEventBus, 'eventBusArn' | 'eventBusName'>;
  /** Undefined in a stage whose settings have no `notices`. */
  readonly noticesTopic: Pick<ITopic, 'topicArn'> | undefined;
  readonly messagesKey: IKey;
  /** Address that notices link to; undefined for none. */
  readonly consoleUrl: string | undefined;
  readonly region: string;
}

/** Allows one action on one resource. */
export function allow(action: string, resource: string): PolicyStatement {
  return new PolicyStatement({ actions: [action], resources: [resource] });
}

/** Allows actions on the table's items; with patterns, only on items whose partition key matches one of them. */
export function tableItems(
  { table }: GrantTargets,
  actions: string[],
  ...partitionKeyPatterns: string[]
): PolicyStatement {
  const leadingKeys = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitionKeyPatterns } };
  return new PolicyStatement({
    actions,
    resources: [table.tableArn],
    ...(partitionKeyPatterns.length > 0 && { conditions: leadingKeys }),
  });
}

const INDEXES: readonly IndexName[] = TABLE.indexes.map(({ name }) => name);

/** Allows queries of the declared indexes, each by its name instead of `index/*`; of all unless some are named. */
export function tableIndexes(
  { indexArn }: GrantTargets,
  names: readonly IndexName[] = INDEXES,
): PolicyStatement {
  return new PolicyStatement({ actions: ['dynamodb:Query'], resources: names.map(indexArn) });
}

/** Allows decrypting the table and its stream: DynamoDB uses the table's key on behalf of the caller. */
export function tableKeyForReads(targets: GrantTargets): PolicyStatement {
  return useKey(targets.tableKey, 'dynamodb', targets, ['kms:Decrypt', 'kms:DescribeKey']);
}

/** Allows reading and writing the encrypted table. */
export function tableKeyForWrites(targets: GrantTargets): PolicyStatement {
  const actions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];
  return useKey(targets.tableKey, 'dynamodb', targets, actions);
}

/** Allows Secrets Manager actions, named without their service's prefix, on every connection's secret. */
export function secrets({ secretsArn }: GrantTargets, actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `secretsmanager:${action}`),
    resources: [secretsArn],
  });
}

/** Allows Secrets Manager to use the secrets' key on behalf of the caller. */
export function secretsKey(targets: GrantTargets, actions: string[]): PolicyStatement {
  return useKey(targets.secretsKey, 'secretsmanager', targets, actions);
}

/** Allows publishing to an encrypted topic: SNS uses the topic's key on behalf of the publisher. */
export function messagesKeyForPublishing(targets: GrantTargets): PolicyStatement {
  return useKey(targets.messagesKey, 'sns', targets, ['kms:Decrypt', 'kms:GenerateDataKey']);
}

/** Allows use of a key through one service only: the caller cannot decrypt anything by calling KMS itself. */
function useKey({ keyArn }: IKey, service: string, { region }: GrantTargets, actions: string[]) {
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } },
  });
}

/** Returns the ARN of the notices' topic of a stage that has one. */
export function noticesTopicArn({ noticesTopic }: GrantTargets): string {
  if (noticesTopic === undefined) throw new Error('A function sends notices in a stage without notices.');
  return noticesTopic.topicArn;
}
