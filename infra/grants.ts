import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Capability } from '../shared/contract/capabilities.ts';
import { isIdempotent, type Route } from '../shared/contract/http/route.ts';
import type { Granted } from './granted.ts';
import {
  indexes,
  items,
  messagesKeyToPublish,
  secrets,
  secretsKey,
  tableKeyToRead,
  tableKeyToWrite,
} from './statements.ts';

/** What a function may do: what its declaration needs, and what everything of its kind does beside that. */
export type Access = Capability | 'membership:read' | 'idempotency:write';

/** What the function of a route does: a person's membership and repetition are looked at before it runs. */
export function accessOf(route: Route): readonly Access[] {
  const access: Access[] = [...route.capabilities];
  if (route.caller.kind === 'user' && 'action' in route.caller) access.push('membership:read');
  if (isIdempotent(route)) access.push('idempotency:write');
  return access;
}

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const CHANGE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
/** A transaction asks for the permission of each action in it, and this is the one that changes nothing. */
const CHECK = 'dynamodb:ConditionCheckItem';

/** What functions find in their environment. */
type Variable =
  | 'TABLE_NAME'
  | 'SECRETS_PREFIX'
  | 'SECRETS_KMS_KEY_ID'
  | 'CHECKS_QUEUE_URL'
  | 'EVENT_BUS_NAME'
  | 'NOTICES_TOPIC_ARN';

interface Grant {
  readonly variables: readonly Variable[];
  readonly statements: (on: Granted) => readonly PolicyStatement[];
}

const GRANTS: Readonly<Record<Access, Grant>> = {
  'table:read': {
    variables: ['TABLE_NAME'],
    statements: (on) => [items(on, READ), indexes(on), tableKeyToRead(on)],
  },
  'table:write': {
    variables: ['TABLE_NAME'],
    statements: (on) => [items(on, [...READ, ...CHANGE, CHECK]), indexes(on), tableKeyToWrite(on)],
  },
  'membership:read': {
    variables: ['TABLE_NAME'],
    statements: (on) => [items(on, ['dynamodb:GetItem'], 'PROJECT#*'), tableKeyToRead(on)],
  },
  'members:write': {
    variables: ['TABLE_NAME'],
    statements: (on) => [
      items(on, ['dynamodb:PutItem', 'dynamodb:DeleteItem'], 'PROJECT#*'),
      tableKeyToWrite(on),
    ],
  },
  'idempotency:write': {
    variables: ['TABLE_NAME'],
    statements: (on) => [
      items(on, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], 'IDEMPOTENCY#*'),
      tableKeyToWrite(on),
    ],
  },
  'secrets:read': {
    variables: ['SECRETS_PREFIX'],
    statements: (on) => [secrets(on, ['GetSecretValue']), secretsKey(on, ['kms:Decrypt'])],
  },
  'secrets:write': {
    variables: ['SECRETS_PREFIX', 'SECRETS_KMS_KEY_ID'],
    statements: (on) => [
      secrets(on, ['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'DescribeSecret']),
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
      secretsKey(on, ['kms:Decrypt', 'kms:GenerateDataKey']),
    ],
  },
  'secrets:remove': {
    variables: ['SECRETS_PREFIX'],
    statements: (on) => [secrets(on, ['DeleteSecret'])],
  },
  'providers:call': { variables: [], statements: () => [] },
  'checks:enqueue': {
    variables: ['CHECKS_QUEUE_URL'],
    statements: ({ checksQueue }) => [one('sqs:SendMessage', checksQueue.queueArn)],
  },
  'events:publish': {
    variables: ['EVENT_BUS_NAME'],
    // Its key is used by EventBridge itself, not in the name of who publishes.
    statements: ({ bus }) => [one('events:PutEvents', bus.eventBusArn)],
  },
  'notices:send': {
    variables: ['NOTICES_TOPIC_ARN'],
    statements: (on) => [one('sns:Publish', topicOf(on)), messagesKeyToPublish(on)],
  },
  'once:write': {
    variables: ['TABLE_NAME'],
    statements: (on) => [
      items(on, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], 'IDEMPOTENCY#once#*'),
      tableKeyToWrite(on),
    ],
  },
};

/** The statements of a role, and nothing else, for what its function does. */
export function statementsFor(access: readonly Access[], on: Granted): readonly PolicyStatement[] {
  return access.flatMap((one) => GRANTS[one].statements(on));
}

/** Where a function finds what it has access to, and nothing of the rest. */
export function environmentFor(access: readonly Access[], on: Granted): Record<string, string> {
  const values: Readonly<Record<Variable, () => string>> = {
    TABLE_NAME: () => on.table.tableName,
    SECRETS_PREFIX: () => on.secretsPrefix,
    SECRETS_KMS_KEY_ID: () => on.secretsKey.keyArn,
    CHECKS_QUEUE_URL: () => on.checksQueue.queueUrl,
    EVENT_BUS_NAME: () => on.bus.eventBusName,
    NOTICES_TOPIC_ARN: () => topicOf(on),
  };
  const variables = access.flatMap((one) => GRANTS[one].variables);
  return Object.fromEntries(variables.map((variable) => [variable, values[variable]()]));
}

function one(action: string, resource: string): PolicyStatement {
  return new PolicyStatement({ actions: [action], resources: [resource] });
}

function topicOf({ notices }: Granted): string {
  if (notices === undefined) throw new Error('A function that sends notices, in a stage without them');
  return notices.topicArn;
}
