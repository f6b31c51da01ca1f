import { describe, expect, test } from 'vitest';
import { TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { isIdempotent, type Route } from '../../shared/contract/http/route.ts';
import { permissionsByFunction, rolesWithOtherPermissions } from './role-permissions.ts';
import { exportsOf, findResources, synthesizeStage } from './synthesized.ts';

const { api, data } = synthesizeStage();
const permissions = permissionsByFunction(api);

const allow = (resource: string, service: string, actions: string) =>
  actions.split(' ').map((action) => `${service}:${action} on ${resource}`);

const ALL_FUNCTIONS = [
  ...allow('its log', 'logs', 'CreateLogStream PutLogEvents'),
  ...allow('everything', 'xray', 'PutTelemetryRecords PutTraceSegments'),
];
const TABLE_KEY_FOR_READS = allow('the table key through dynamodb', 'kms', 'Decrypt DescribeKey');
const TABLE_KEY_FOR_WRITES = allow('the table key through dynamodb', 'kms', 'Encrypt GenerateDataKey');
/** Reading and writing items by their keys, with the table's key. */
const allowOnItems = (prefix: string, actions: string) => [
  ...allow(`the table for ${prefix}#*`, 'dynamodb', actions),
  ...TABLE_KEY_FOR_READS,
  ...TABLE_KEY_FOR_WRITES,
];
const allowReading = (secrets: string) => [
  ...allow(secrets, 'secretsmanager', 'GetSecretValue'),
  ...allow('the secrets key through secretsmanager', 'kms', 'Decrypt'),
];
const READ = [
  ...allow('the table', 'dynamodb', 'BatchGetItem GetItem Query'),
  ...allow('its indexes', 'dynamodb', 'Query'),
  ...TABLE_KEY_FOR_READS,
];
const MEMBERSHIP = allow('the table for PROJECT#*', 'dynamodb', 'BatchGetItem GetItem');
const WRITE = [
  ...allow('the table', 'dynamodb', 'ConditionCheckItem DeleteItem PutItem UpdateItem'),
  ...TABLE_KEY_FOR_WRITES,
];
const LIMIT = allowOnItems('REQUESTS', 'UpdateItem');
const IDEMPOTENCY = allowOnItems('IDEMPOTENCY', 'DeleteItem GetItem PutItem');
const MEMBERS = allowOnItems('PROJECT', 'DeleteItem PutItem');
const CREDENTIALS_KEY = allow('the credentials key', 'secretsmanager', 'GetSecretValue');
const READ_SECRETS = [
  ...allowReading('secrets'),
  ...allow('the table for CREDENTIALS#*, PROJECT_KEYS#*', 'dynamodb', 'GetItem'),
  ...TABLE_KEY_FOR_READS,
  ...CREDENTIALS_KEY,
];
const WRITE_SECRETS = [
  ...allow(
    'secrets',
    'secretsmanager',
    'CreateSecret DescribeSecret PutSecretValue TagResource UpdateSecretVersionStage',
  ),
  ...allow('the table for CREDENTIALS#*, PROJECT_KEYS#*', 'dynamodb', 'GetItem PutItem Query UpdateItem'),
  ...TABLE_KEY_FOR_READS,
  ...TABLE_KEY_FOR_WRITES,
  ...CREDENTIALS_KEY,
  ...allow('the secrets key through secretsmanager', 'kms', 'Decrypt GenerateDataKey'),
];
const OAUTH_CLIENTS = allowReading('OAuth clients');
const OAUTH_CLIENT_NAMES = allow('OAuth clients', 'secretsmanager', 'DescribeSecret');
const SEALED = allowReading('the data key');
const DELETIONS = allowOnItems('PROJECT', 'GetItem Query UpdateItem');
const REMOVE_CONTENTS = [
  ...allow('the table for PROJECT#*', 'dynamodb', 'PutItem'),
  ...allow('the table for PROJECT#*, CON#*, PROJECT_KEYS#*', 'dynamodb', 'DeleteItem Query'),
  ...allow('its indexes', 'dynamodb', 'Query'),
  ...TABLE_KEY_FOR_READS,
  ...TABLE_KEY_FOR_WRITES,
];
const AUTHORIZATIONS = allowOnItems('AUTHORIZATION', 'GetItem PutItem');
const PROMOTE_SECRETS = [
  ...allow('secrets', 'secretsmanager', 'DescribeSecret UpdateSecretVersionStage'),
  ...allowOnItems('CREDENTIALS', 'GetItem Query UpdateItem'),
];
const REMOVE_SECRETS = [
  ...allow('secrets', 'secretsmanager', 'DeleteSecret'),
  ...allowOnItems('CREDENTIALS', 'Query UpdateItem'),
];
const DEAD_LETTERS = allow('its dead letters', 'sqs', 'GetQueueAttributes GetQueueUrl SendMessage');
const STREAM = [
  ...allow('the stream', 'dynamodb', 'DescribeStream GetRecords GetShardIterator'),
  ...allow('everything', 'dynamodb', 'ListStreams'),
  ...TABLE_KEY_FOR_READS,
];
const ENQUEUE = allow('the checks queue', 'sqs', 'SendMessage');
const RECEIVE = allow('the checks queue', 'sqs', 'DeleteMessage GetQueueAttributes ReceiveMessage');
const PUBLISH = allow('the bus', 'events', 'PutEvents');
const NOTIFY = [
  ...allow('the topic', 'sns', 'Publish'),
  ...allow('the messages key through sns', 'kms', 'Decrypt GenerateDataKey'),
];

const NOTICES = [
  ...allowOnItems('NOTICES', 'BatchGetItem ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem'),
  ...allow('its indexes', 'dynamodb', 'Query'),
];

/** All permissions of each function. A new function or permission fails the tests until it is listed here. */
const EXPECTED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'projects-list': [READ],
  'providers-list': [OAUTH_CLIENT_NAMES],
  'providers-get': [OAUTH_CLIENT_NAMES],
  'providers-icon': [],
  'connections-list': [READ, MEMBERSHIP],
  'connections-get': [READ, MEMBERSHIP],
  'connections-history': [READ, MEMBERSHIP],
  'connections-rename': [READ, MEMBERSHIP, WRITE],
  'connections-authorize': [READ, MEMBERSHIP, IDEMPOTENCY, LIMIT, AUTHORIZATIONS, OAUTH_CLIENTS, SEALED],
  'connections-reconnect': [
    ...[READ, MEMBERSHIP, WRITE, IDEMPOTENCY, LIMIT, WRITE_SECRETS],
    ...[OAUTH_CLIENTS, SEALED],
  ],
  'connections-check': [
    ...[READ, MEMBERSHIP, WRITE, IDEMPOTENCY, LIMIT, READ_SECRETS, WRITE_SECRETS],
    ...[OAUTH_CLIENTS, SEALED],
  ],
  'authorizations-complete': [
    ...[READ, MEMBERSHIP, WRITE, IDEMPOTENCY, LIMIT, WRITE_SECRETS],
    ...[AUTHORIZATIONS, OAUTH_CLIENTS, SEALED],
  ],
  'oauth-callback': [AUTHORIZATIONS, SEALED],
  'oauth-client-metadata': [],
  'flows-list': [READ, MEMBERSHIP],
  'flows-save': [READ, MEMBERSHIP, WRITE, IDEMPOTENCY],
  'flows-remove': [READ, MEMBERSHIP, WRITE],
  'integrations-authorize': [READ, MEMBERSHIP, IDEMPOTENCY, LIMIT, AUTHORIZATIONS, OAUTH_CLIENTS, SEALED],
  'integrations-configure': [
    ...[READ, MEMBERSHIP, WRITE, IDEMPOTENCY, LIMIT, WRITE_SECRETS],
    ...[OAUTH_CLIENTS, SEALED],
  ],
  'integrations-remove': [READ, MEMBERSHIP, WRITE],
  'projects-remove': [DELETIONS],
  'projects-get-deletion': [READ],
  'projects-restore': [DELETIONS, IDEMPOTENCY],
  'members-put': [MEMBERS, MEMBERSHIP, IDEMPOTENCY],
  'members-remove': [MEMBERS],
  'engine-issue-credentials': [READ, MEMBERSHIP, WRITE, READ_SECRETS, WRITE_SECRETS, OAUTH_CLIENTS, SEALED],
  'engine-report-failure': [READ, MEMBERSHIP, WRITE, IDEMPOTENCY, ENQUEUE],
  'sweep-orphans': [READ, WRITE, PROMOTE_SECRETS, REMOVE_SECRETS, DEAD_LETTERS],
  'enqueue-due-checks': [READ, WRITE, ENQUEUE, DEAD_LETTERS],
  'advance-deletions': [DELETIONS, REMOVE_CONTENTS, DEAD_LETTERS],
  'announce-expiry': [READ, WRITE, DEAD_LETTERS],
  'check-connections': [
    ...[READ, WRITE, READ_SECRETS, WRITE_SECRETS, OAUTH_CLIENTS, SEALED],
    ...[ENQUEUE, RECEIVE],
  ],
  'retire-secrets': [READ, READ_SECRETS, REMOVE_SECRETS, OAUTH_CLIENTS, SEALED, STREAM, DEAD_LETTERS],
  'relay-events': [PUBLISH, STREAM, DEAD_LETTERS],
  'send-digests': [NOTIFY, NOTICES, DEAD_LETTERS],
  notify: [NOTIFY, NOTICES, IDEMPOTENCY, DEAD_LETTERS],
};

describe('roles', () => {
  test('are listed here for every function', () => {
    expect([...permissions.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(Object.entries(EXPECTED))('give %s its listed permissions and no others', (name, expected) => {
    expect(new Set(permissions.get(name))).toEqual(new Set([...ALL_FUNCTIONS, ...expected.flat()]));
  });

  test('have no permissions from other policies', () => {
    expect(rolesWithOtherPermissions(api)).toEqual([]);
  });

  test('give idempotent routes and the notify function access to idempotency records, and no others', () => {
    const idempotent = Object.values<Route>(routes).filter(isIdempotent);
    expect(new Set(idempotent.map(({ caller }) => caller.kind))).toEqual(new Set(['user', 'engine']));
    const withRecords = [...permissions].filter(([, lines]) =>
      IDEMPOTENCY.every((line) => new Set(lines).has(line)),
    );
    expect(withRecords.map(([name]) => name).toSorted()).toEqual(
      [...idempotent.map(({ entry }) => entry.replace('/', '-')), 'notify'].toSorted(),
    );
  });

  test('import the indexes of the table definition from the data stack, which exports them', () => {
    const policies = JSON.stringify(findResources(api, 'AWS::IAM::Policy'));
    const imported = new Set(
      Array.from(policies.matchAll(/"Fn::ImportValue":"([^"]+)"/g), ([, name]) => name),
    );
    expect(imported).toEqual(
      new Set(TABLE.indexes.map(({ name }) => `connections-test-table-index-${name}`)),
    );
    expect([...imported].filter((name) => !exportsOf(data).has(name ?? ''))).toEqual([]);
    expect(policies).not.toContain('/index/');
    expect(api.dependencies).toContain(data);
  });

  test('name the indexes of a restored table, which no stack changes', () => {
    const arn = 'arn:aws:dynamodb:eu-central-1:123456789012:table/restored';
    const restored = synthesizeStage({ restoredTable: { arn, streamArn: `${arn}/stream/2026` } });
    const policies = JSON.stringify(findResources(restored.api, 'AWS::IAM::Policy'));
    expect(policies).toContain(`${arn}/index/checks`);
    expect(policies).not.toContain('Fn::ImportValue');
    // The functions of before the setting import them until their own deployment, which comes after that of the data stack.
    expect(exportsOf(restored.data)).toEqual(exportsOf(data));
  });
});

describe('secrets', () => {
  const functionsWith = (pattern: RegExp) =>
    [...permissions].filter(([, lines]) => lines.some((line) => pattern.test(line))).map(([name]) => name);

  test('are readable by the checks, by the function that issues credentials and by the one that revokes grants only', () => {
    const readers = functionsWith(/^(secretsmanager:(GetSecretValue|BatchGetSecretValue) on secrets|\*)/);
    expect(readers.toSorted()).toEqual([
      'check-connections',
      'connections-check',
      'engine-issue-credentials',
      'retire-secrets',
    ]);
  });

  test('are readable by a single function of those that the engine calls', () => {
    const engineRoutes = Object.values<Route>(routes).filter(({ caller }) => caller.kind === 'engine');
    const names = engineRoutes.map(({ entry }) => entry.replace('/', '-'));
    expect(names).toHaveLength(7);
    expect(
      functionsWith(/^(secretsmanager:|kms:.* the secrets key)/).filter((name) => names.includes(name)),
    ).toEqual(['engine-issue-credentials']);
  });

  test('are out of reach of the functions of read routes', () => {
    const readers = [...permissions.keys()].filter((name) => /-(list|get|history|icon)$/.test(name));
    expect(readers).toHaveLength(8);
    const reached = functionsWith(/secretsmanager|secrets/).filter((name) => readers.includes(name));
    // These two see which OAuth clients exist, and nothing of them.
    expect(reached.toSorted()).toEqual(['providers-get', 'providers-list']);
    expect(functionsWith(/GetSecretValue|kms:Decrypt on the secrets key/)).not.toEqual(
      expect.arrayContaining(reached),
    );
  });

  test('such as the data key and OAuth clients are readable by functions that use tokens only', () => {
    const withTokens = ['check-connections', 'connections-check', 'connections-reconnect', 'retire-secrets'];
    const connecting = ['authorizations-complete', 'engine-issue-credentials', 'integrations-configure'];
    const starting = ['connections-authorize', 'integrations-authorize'];
    const all = [...withTokens, ...connecting, ...starting];
    expect(functionsWith(/GetSecretValue on OAuth clients/).toSorted()).toEqual(all.toSorted());
    expect(functionsWith(/GetSecretValue on the data key/).toSorted()).toEqual(
      [...all, 'oauth-callback'].toSorted(),
    );
  });

  test('such as the key of sealed credentials are readable by functions that read or write credentials only', () => {
    const reading = ['check-connections', 'connections-check', 'engine-issue-credentials', 'retire-secrets'];
    const writing = ['authorizations-complete', 'connections-reconnect', 'integrations-configure'];
    expect(functionsWith(/GetSecretValue on the credentials key/).toSorted()).toEqual(
      [...reading, ...writing].toSorted(),
    );
  });

  test('are granted without wildcards in actions', () => {
    expect(functionsWith(/^[^ ]*\*/)).toEqual([]);
  });
});
