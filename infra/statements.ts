import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { TABLE } from '../shared/adapters/aws/table/definition.ts';
import type { Granted } from './granted.ts';

/** Actions on the table's items, where asked only on those whose partition key is like a pattern. */
export function items({ table }: Granted, actions: string[], partition?: string): PolicyStatement {
  const leadingKeys = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [partition] } };
  return new PolicyStatement({
    actions,
    resources: [table.tableArn],
    ...(partition !== undefined && { conditions: leadingKeys }),
  });
}

/** Each index by its name: `index/*` would be more than there is. */
export function indexes({ table: { tableArn } }: Granted): PolicyStatement {
  return new PolicyStatement({
    actions: ['dynamodb:Query'],
    resources: TABLE.indexes.map(({ name }) => `${tableArn}/index/${name}`),
  });
}

/** Opens the table and its stream: DynamoDB uses the table's key in the name of who calls it. */
export function tableKeyToRead(on: Granted): PolicyStatement {
  return key(on.tableKey, 'dynamodb', on, ['kms:Decrypt', 'kms:DescribeKey']);
}

export function tableKeyToWrite(on: Granted): PolicyStatement {
  const actions = ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'];
  return key(on.tableKey, 'dynamodb', on, actions);
}

export function secrets({ secretsArn }: Granted, actions: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: actions.map((action) => `secretsmanager:${action}`),
    resources: [secretsArn],
  });
}

export function secretsKey(on: Granted, actions: string[]): PolicyStatement {
  return key(on.secretsKey, 'secretsmanager', on, actions);
}

/** A key, through one service alone: with it nobody decrypts anything by hand. */
function key({ keyArn }: IKey, service: string, { region }: Granted, actions: string[]): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `${service}.${region}.amazonaws.com` } },
  });
}

/** Seals what a topic takes: SNS uses the topic's key in the name of who publishes. */
export function messagesKeyToPublish(on: Granted): PolicyStatement {
  return key(on.messagesKey, 'sns', on, ['kms:Decrypt', 'kms:GenerateDataKey']);
}
