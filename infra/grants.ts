import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Capability } from '../shared/contract/capabilities.ts';
import { isIdempotent, type Route } from '../shared/contract/http/route.ts';
import {
  allow,
  type GrantTargets,
  messagesKeyForPublishing,
  secrets,
  secretsKey,
  tableIndexes,
  tableItems,
  tableKeyForReads,
  tableKeyForWrites,
} from './statements.ts';

const PROJECT_PK_PREFIX = 'PROJECT#';
const IDEMPOTENCY_PK_PREFIX = 'IDEMPOTENCY#';

type EnvironmentVariable =
  | 'TABLE_NAME'
  | 'SECRETS_PREFIX'
  | 'SECRETS_KMS_KEY_ID'
  | 'CHECKS_QUEUE_URL'
  | 'EVENT_BUS_NAME'
  | 'NOTICES_TOPIC_ARN';

/**
 * One thing a function may do: a declared capability, or work that the request pipeline does around a
 * handler.
 */
export type Permission = Capability | 'membership:read' | 'idempotency:write';

/**
 * Lists the permissions of a route's function: its capabilities, and those of its membership and idempotency
 * guards.
 */
export function routePermissions(route: Route): readonly Permission[] {
  const permissions: Permission[] = [...route.capabilities];
  if (route.caller.kind === 'user' && 'action' in route.caller) permissions.push('membership:read');
  if (isIdempotent(route)) permissions.push('idempotency:write');
  return permissions;
}

const READ_ACTIONS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ACTIONS = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
/**
 * A transaction needs the permission of each of its actions; this one is for conditions on unchanged items.
 */
const CONDITION_CHECK = 'dynamodb:ConditionCheckItem';
const RECORD_ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'];

/** Adds a permission to a function's role and environment. */
interface Grant {
  readonly environment: (targets: GrantTargets) => Readonly<Partial<Record<EnvironmentVariable, string>>>;
  readonly statements: (targets: GrantTargets) => readonly PolicyStatement[];
}

const tableEnvironment: Grant['environment'] = ({ table }) => ({ TABLE_NAME: table.tableName });
const secretsEnvironment: Grant['environment'] = ({ secretsPrefix }) => ({ SECRETS_PREFIX: secretsPrefix });

const GRANTS: Readonly<Record<Permission, Grant>> = {
  'table:read': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, READ_ACTIONS),
      tableIndexes(targets),
      tableKeyForReads(targets),
    ],
  },
  'table:write': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, [...READ_ACTIONS, ...WRITE_ACTIONS, CONDITION_CHECK]),
      tableIndexes(targets),
      tableKeyForWrites(targets),
    ],
  },
  'membership:read': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, ['dynamodb:GetItem'], `${PROJECT_PK_PREFIX}*`),
      tableKeyForReads(targets),
    ],
  },
  'members:write': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, ['dynamodb:PutItem', 'dynamodb:DeleteItem'], `${PROJECT_PK_PREFIX}*`),
      tableKeyForWrites(targets),
    ],
  },
  'idempotency:write': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, RECORD_ACTIONS, `${IDEMPOTENCY_PK_PREFIX}*`),
      tableKeyForWrites(targets),
    ],
  },
  'secrets:read': {
    environment: secretsEnvironment,
    statements: (targets) => [secrets(targets, ['GetSecretValue']), secretsKey(targets, ['kms:Decrypt'])],
  },
  'secrets:write': {
    environment: (targets) => ({
      ...secretsEnvironment(targets),
      SECRETS_KMS_KEY_ID: targets.secretsKey.keyArn,
    }),
    statements: (targets) => [
      secrets(targets, ['CreateSecret', 'PutSecretValue', 'UpdateSecretVersionStage', 'DescribeSecret']),
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
      secretsKey(targets, ['kms:Decrypt', 'kms:GenerateDataKey']),
    ],
  },
  'secrets:remove': {
    environment: secretsEnvironment,
    statements: (targets) => [secrets(targets, ['DeleteSecret'])],
  },
  'providers:call': { environment: () => ({}), statements: () => [] },
  'checks:enqueue': {
    environment: ({ checksQueue }) => ({ CHECKS_QUEUE_URL: checksQueue.queueUrl }),
    statements: ({ checksQueue }) => [allow('sqs:SendMessage', checksQueue.queueArn)],
  },
  'events:publish': {
    environment: ({ bus }) => ({ EVENT_BUS_NAME: bus.eventBusName }),
    // No statement for the bus's key: EventBridge uses it itself, not on behalf of the publisher.
    statements: ({ bus }) => [allow('events:PutEvents', bus.eventBusArn)],
  },
  'notices:send': {
    environment: (targets) => ({ NOTICES_TOPIC_ARN: noticesTopicArn(targets) }),
    statements: (targets) => [
      allow('sns:Publish', noticesTopicArn(targets)),
      messagesKeyForPublishing(targets),
    ],
  },
  'once:write': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, RECORD_ACTIONS, `${IDEMPOTENCY_PK_PREFIX}once#*`),
      tableKeyForWrites(targets),
    ],
  },
};

/** Returns the statements that a role needs for its function's permissions, and no others. */
export function statementsFor(
  permissions: readonly Permission[],
  targets: GrantTargets,
): readonly PolicyStatement[] {
  return permissions.flatMap((permission) => GRANTS[permission].statements(targets));
}

/** Returns the environment variables that name the resources of a function's permissions, and no others. */
export function environmentFor(
  permissions: readonly Permission[],
  targets: GrantTargets,
): Record<string, string> {
  return Object.fromEntries(
    permissions.flatMap((permission) => Object.entries(GRANTS[permission].environment(targets))),
  );
}

function noticesTopicArn({ noticesTopic }: GrantTargets): string {
  if (noticesTopic === undefined) throw new Error('A function sends notices in a stage without notices.');
  return noticesTopic.topicArn;
}
