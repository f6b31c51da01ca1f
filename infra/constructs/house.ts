import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { LogGroupProps } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { secretsPrefix } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { DataStack } from '../stacks/data.ts';
import type { MessagesStack } from '../stacks/messages.ts';
import type { GrantTargets } from '../statements.ts';
import { removalPolicyOf } from './removal.ts';

/** Where the code of a function comes from, by its entry. */
export type CodeOf = (entry: string) => Code;

/** What every construct of a stage is built alike from. */
export interface House {
  readonly settings: Settings;
  readonly codeOf: CodeOf;
  readonly grantTargets: GrantTargets;
  /** The stream of the table's changes. */
  readonly streamArn: string;
  readonly logs: Pick<LogGroupProps, 'retention' | 'encryptionKey' | 'removalPolicy'>;
  readonly removalPolicy: RemovalPolicy;
}

/** What a house is made of. */
export interface HouseProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly codeOf: CodeOf;
}

/** Brings together what the constructs below a scope have in common. */
export function houseFor(scope: Construct, { settings, data, messages, codeOf }: HouseProps): House {
  const { region, account, partition } = Stack.of(scope);
  const { table, tableKey, secretsKey } = data;
  if (table.tableStreamArn === undefined) throw new Error('The table has no stream');
  const prefix = secretsPrefix(settings);
  const secretsArn = `arn:${partition}:secretsmanager:${region}:${account}:secret:${prefix}*`;
  const removalPolicy = removalPolicyOf(settings);
  return {
    settings,
    codeOf,
    grantTargets: {
      ...{ table, tableKey, secretsKey, secretsPrefix: prefix, secretsArn, region },
      checksQueue: messages.checks.queue,
      bus: messages.events.bus,
      noticesTopic: messages.notices,
      messagesKey: messages.key,
    },
    streamArn: table.tableStreamArn,
    logs: { retention: settings.logs.retentionDays, encryptionKey: tableKey, removalPolicy },
    removalPolicy,
  };
}
