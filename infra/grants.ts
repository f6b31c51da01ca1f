import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Capability } from '../shared/contract/capabilities.ts';
import {
  AUTHORIZATION_PK_PREFIX,
  CONNECTION_SK_PREFIX,
  CREDENTIALS_PK_PREFIX,
  type EnvironmentVariable,
  IDEMPOTENCY_PK_PREFIX,
  NOTICES_PK_PREFIX,
  PROJECT_KEYS_PK_PREFIX,
  PROJECT_PK_PREFIX,
  REQUESTS_PK_PREFIX,
} from '../shared/domain/terms.ts';
import {
  allow,
  type GrantTargets,
  messagesKeyForPublishing,
  noticesTopicArn,
  secrets,
  secretsKey,
  tableIndexes,
  tableItems,
  tableKeyForReads,
  tableKeyForWrites,
} from './statements.ts';

const READ_ACTIONS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE_ACTIONS = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
/**
 * A transaction needs the permission of each of its actions; this one is for conditions on unchanged items.
 */
const CONDITION_CHECK = 'dynamodb:ConditionCheckItem';
const RECORD_ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'];

/** Statements and environment that a capability adds to a function. */
interface Grant {
  readonly environment: (targets: GrantTargets) => Readonly<Partial<Record<EnvironmentVariable, string>>>;
  readonly statements: (targets: GrantTargets) => readonly PolicyStatement[];
}

const tableEnvironment: Grant['environment'] = ({ table }) => ({ TABLE_NAME: table.tableName });
const secretsEnvironment: Grant['environment'] = ({ secretsPrefix }) => ({ SECRETS_PREFIX: secretsPrefix });

/** Both stores of credentials: a connection says which has its own. */
const credentialsEnvironment: Grant['environment'] = (targets) => ({
  ...tableEnvironment(targets),
  ...secretsEnvironment(targets),
  CREDENTIALS_KEY_SECRET: targets.credentialsKeySecret.secretArn,
});

const PROJECT_ITEMS = `${PROJECT_PK_PREFIX}*`;
const SEALED_CREDENTIALS = `${CREDENTIALS_PK_PREFIX}*`;
const PROJECT_KEYS = `${PROJECT_KEYS_PK_PREFIX}*`;

const oauthClientsEnvironment: Grant['environment'] = ({ oauthClientsPrefix }) => ({
  OAUTH_CLIENTS_PREFIX: oauthClientsPrefix,
});

/** Grant of a capability that calls no AWS service. */
const NOTHING: Grant = { environment: () => ({}), statements: () => [] };

/** The bundler puts the parts of the catalog that a function declares into its package. */
const catalogPart: Grant = {
  environment: () => ({ CATALOG_DIR: '/var/task/catalog' }),
  statements: () => [],
};

/** Allows writes to items; with patterns, only to those whose partition key matches one of them. */
const writesOf = (targets: GrantTargets, actions: string[], ...patterns: string[]) => [
  tableItems(targets, actions, ...patterns),
  tableKeyForWrites(targets),
];

/** Allows reading secrets that no connection has. */
const readsOf = (targets: GrantTargets, secretArn: string) => [
  allow('secretsmanager:GetSecretValue', secretArn),
  secretsKey(targets, ['kms:Decrypt']),
];

const GRANTS: Readonly<Record<Capability, Grant>> = {
  'catalog:summaries': catalogPart,
  'catalog:forms': catalogPart,
  'catalog:entries': catalogPart,
  'catalog:list': catalogPart,
  'catalog:icons': catalogPart,
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
      ...writesOf(targets, [...READ_ACTIONS, ...WRITE_ACTIONS, CONDITION_CHECK]),
      tableIndexes(targets),
    ],
  },
  'roles:read': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(targets, ['dynamodb:GetItem', 'dynamodb:BatchGetItem'], PROJECT_ITEMS),
      tableKeyForReads(targets),
    ],
  },
  'members:write': {
    environment: tableEnvironment,
    statements: (targets) => writesOf(targets, ['dynamodb:PutItem', 'dynamodb:DeleteItem'], PROJECT_ITEMS),
  },
  'deletions:write': {
    environment: tableEnvironment,
    statements: (targets) =>
      writesOf(targets, ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], PROJECT_ITEMS),
  },
  'projects:remove': {
    environment: tableEnvironment,
    statements: (targets) => [
      tableItems(
        targets,
        ['dynamodb:Query', 'dynamodb:DeleteItem'],
        PROJECT_ITEMS,
        `${CONNECTION_SK_PREFIX}*`,
        PROJECT_KEYS,
      ),
      tableItems(targets, ['dynamodb:PutItem'], PROJECT_ITEMS),
      tableIndexes(targets, ['recovery']),
      tableKeyForWrites(targets),
    ],
  },
  'idempotency:write': {
    environment: tableEnvironment,
    statements: (targets) => writesOf(targets, RECORD_ACTIONS, `${IDEMPOTENCY_PK_PREFIX}*`),
  },
  'requests:count': {
    environment: (targets) => ({
      ...tableEnvironment(targets),
      PROVIDER_REQUESTS_PER_MINUTE: String(targets.providerRequestsPerMinute),
    }),
    statements: (targets) => writesOf(targets, ['dynamodb:UpdateItem'], `${REQUESTS_PK_PREFIX}*`),
  },
  'authorizations:write': {
    environment: (targets) => ({
      ...tableEnvironment(targets),
      RETURN_ORIGINS: targets.returnOrigins.join(','),
    }),
    statements: (targets) =>
      writesOf(targets, ['dynamodb:GetItem', 'dynamodb:PutItem'], `${AUTHORIZATION_PK_PREFIX}*`),
  },
  'oauth:describe': {
    environment: oauthClientsEnvironment,
    statements: ({ oauthClientsArn }) => [allow('secretsmanager:DescribeSecret', oauthClientsArn)],
  },
  'oauth:clients': {
    environment: oauthClientsEnvironment,
    statements: (targets) => readsOf(targets, targets.oauthClientsArn),
  },
  'oauth:discover': NOTHING,
  'oauth:call': NOTHING,
  'tokens:seal': {
    environment: ({ dataKeySecret }) => ({ DATA_KEY_SECRET: dataKeySecret.secretArn }),
    statements: (targets) => readsOf(targets, targets.dataKeySecret.secretArn),
  },
  'credentials:read': {
    environment: credentialsEnvironment,
    statements: (targets) => [
      secrets(targets, ['GetSecretValue']),
      tableItems(targets, ['dynamodb:GetItem'], SEALED_CREDENTIALS, PROJECT_KEYS),
      tableKeyForReads(targets),
      ...readsOf(targets, targets.credentialsKeySecret.secretArn),
    ],
  },
  'credentials:write': {
    environment: (targets) => ({
      ...credentialsEnvironment(targets),
      CREDENTIALS_STORE: targets.credentialStore,
      SECRETS_KMS_KEY_ID: targets.secretsKey.keyArn,
      SECRETS_TAGS: JSON.stringify(targets.secretsTags),
    }),
    statements: (targets) => [
      secrets(targets, [
        'CreateSecret',
        'PutSecretValue',
        'UpdateSecretVersionStage',
        'DescribeSecret',
        'TagResource',
      ]),
      tableItems(
        targets,
        ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        SEALED_CREDENTIALS,
        PROJECT_KEYS,
      ),
      tableKeyForWrites(targets),
      allow('secretsmanager:GetSecretValue', targets.credentialsKeySecret.secretArn),
      // https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
      secretsKey(targets, ['kms:Decrypt', 'kms:GenerateDataKey']),
    ],
  },
  'credentials:promote': {
    environment: (targets) => ({ ...secretsEnvironment(targets), ...tableEnvironment(targets) }),
    statements: (targets) => [
      secrets(targets, ['UpdateSecretVersionStage', 'DescribeSecret']),
      ...writesOf(targets, ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'], SEALED_CREDENTIALS),
    ],
  },
  'credentials:remove': {
    environment: (targets) => ({ ...secretsEnvironment(targets), ...tableEnvironment(targets) }),
    statements: (targets) => [
      secrets(targets, ['DeleteSecret']),
      ...writesOf(targets, ['dynamodb:Query', 'dynamodb:UpdateItem'], SEALED_CREDENTIALS),
    ],
  },
  // The issuers are known once the console has a client; the authorizer's construct adds them.
  'tokens:verify': NOTHING,
  'providers:call': {
    environment: ({ providerCallsPerSecond, providerCallRates }) => ({
      PROVIDER_CALLS_PER_SECOND: String(providerCallsPerSecond),
      PROVIDER_CALL_RATES: JSON.stringify(providerCallRates),
    }),
    statements: () => [],
  },
  'checks:enqueue': {
    environment: ({ checksQueue }) => ({ CHECKS_QUEUE_URL: checksQueue.queueUrl }),
    statements: ({ checksQueue }) => [allow('sqs:SendMessage', checksQueue.queueArn)],
  },
  'events:publish': {
    environment: ({ bus }) => ({ EVENT_BUS_NAME: bus.eventBusName }),
    // No statement for the bus's key: EventBridge uses it itself, not on behalf of the publisher.
    statements: ({ bus }) => [allow('events:PutEvents', bus.eventBusArn)],
  },
  'notices:collect': {
    environment: tableEnvironment,
    statements: (targets) => [
      ...writesOf(targets, [...READ_ACTIONS, ...WRITE_ACTIONS, CONDITION_CHECK], `${NOTICES_PK_PREFIX}*`),
      tableIndexes(targets, ['reminders']),
    ],
  },
  'notices:send': {
    environment: (targets) => ({
      NOTICES_TOPIC_ARN: noticesTopicArn(targets),
      ...(targets.consoleUrl !== undefined && { CONSOLE_URL: targets.consoleUrl }),
    }),
    statements: (targets) => [
      allow('sns:Publish', noticesTopicArn(targets)),
      messagesKeyForPublishing(targets),
    ],
  },
};

/** Returns the statements that a role needs for its function's capabilities, and no others. */
export function statementsFor(
  capabilities: readonly Capability[],
  targets: GrantTargets,
): readonly PolicyStatement[] {
  return capabilities.flatMap((capability) => GRANTS[capability].statements(targets));
}

/** Returns the environment variables that name the resources of a function's capabilities, and no others. */
export function environmentFor(
  capabilities: readonly Capability[],
  targets: GrantTargets,
): Record<string, string> {
  return Object.fromEntries(
    capabilities.flatMap((capability) => Object.entries(GRANTS[capability].environment(targets))),
  );
}
