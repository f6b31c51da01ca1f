import { describe, expect, test } from 'vitest';
import { TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { isIdempotent, type Route } from '../../shared/contract/http/route.ts';
import { permissionsByFunction, rolesWithOtherPermissions } from './role-permissions.ts';
import { findResources, synthesizeStage } from './synthesized.ts';

const { api } = synthesizeStage();
const rights = permissionsByFunction(api);

const on = (resource: string, service: string, actions: string) =>
  actions.split(' ').map((action) => `${service}:${action} on ${resource}`);

const EVERY = [
  ...on('its log', 'logs', 'CreateLogStream PutLogEvents'),
  ...on('everything', 'xray', 'PutTelemetryRecords PutTraceSegments'),
];
const OPEN_TABLE = on('the table key through dynamodb', 'kms', 'Decrypt DescribeKey');
const SEAL_TABLE = on('the table key through dynamodb', 'kms', 'Encrypt GenerateDataKey');
const READ = [
  ...on('the table', 'dynamodb', 'BatchGetItem GetItem Query'),
  ...on('its indexes', 'dynamodb', 'Query'),
  ...OPEN_TABLE,
];
const MEMBERSHIP = on('the table for PROJECT#*', 'dynamodb', 'GetItem');
const WRITE = [
  ...on('the table', 'dynamodb', 'ConditionCheckItem DeleteItem PutItem UpdateItem'),
  ...SEAL_TABLE,
];
const ON_RECORDS = on('the table for IDEMPOTENCY#*', 'dynamodb', 'DeleteItem GetItem PutItem');
const MEMBERS = [
  ...on('the table for PROJECT#*', 'dynamodb', 'DeleteItem PutItem'),
  ...OPEN_TABLE,
  ...SEAL_TABLE,
];
const READ_SECRETS = [
  ...on('secrets', 'secretsmanager', 'GetSecretValue'),
  ...on('the secrets key through secretsmanager', 'kms', 'Decrypt'),
];
const WRITE_SECRETS = [
  ...on('secrets', 'secretsmanager', 'CreateSecret DescribeSecret PutSecretValue UpdateSecretVersionStage'),
  ...on('the secrets key through secretsmanager', 'kms', 'Decrypt GenerateDataKey'),
];
const REMOVE_SECRETS = on('secrets', 'secretsmanager', 'DeleteSecret');
const DEAD_LETTERS = on('its dead letters', 'sqs', 'GetQueueAttributes GetQueueUrl SendMessage');
const STREAM = [
  ...on('the stream', 'dynamodb', 'DescribeStream GetRecords GetShardIterator'),
  ...on('everything', 'dynamodb', 'ListStreams'),
  ...OPEN_TABLE,
];
const ENQUEUE = on('the checks queue', 'sqs', 'SendMessage');
const WORK_OFF = on('the checks queue', 'sqs', 'DeleteMessage GetQueueAttributes ReceiveMessage');
const PUBLISH = on('the bus', 'events', 'PutEvents');
const NOTIFY = [
  ...on('the topic', 'sns', 'Publish'),
  ...on('the messages key through sns', 'kms', 'Decrypt GenerateDataKey'),
];
const ONCE = [
  ...on('the table for IDEMPOTENCY#once#*', 'dynamodb', 'DeleteItem GetItem PutItem'),
  ...OPEN_TABLE,
  ...SEAL_TABLE,
];

/** The whole of what each function may do. A new function, or a new right, has to be written down here. */
const EXPECTED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'projects-list': [READ],
  'providers-list': [],
  'providers-get': [],
  'providers-icon': [],
  'connections-list': [READ, MEMBERSHIP],
  'connections-get': [READ, MEMBERSHIP],
  'connections-history': [READ, MEMBERSHIP],
  'connections-rename': [READ, MEMBERSHIP, WRITE],
  'connections-reconnect': [READ, MEMBERSHIP, WRITE, ON_RECORDS, WRITE_SECRETS],
  'connections-check': [READ, MEMBERSHIP, WRITE, ON_RECORDS, READ_SECRETS],
  'flows-list': [READ, MEMBERSHIP],
  'flows-save': [READ, MEMBERSHIP, WRITE, ON_RECORDS],
  'flows-remove': [READ, MEMBERSHIP, WRITE],
  'integrations-configure': [READ, MEMBERSHIP, WRITE, ON_RECORDS, WRITE_SECRETS],
  'integrations-remove': [READ, MEMBERSHIP, WRITE],
  'members-put': [MEMBERS, ON_RECORDS],
  'members-remove': [MEMBERS],
  'engine-issue-credentials': [READ, READ_SECRETS],
  'engine-report-failure': [READ, WRITE, ON_RECORDS, ENQUEUE],
  'sweep-orphans': [READ, WRITE, WRITE_SECRETS, REMOVE_SECRETS, DEAD_LETTERS],
  'enqueue-due-checks': [READ, WRITE, ENQUEUE, DEAD_LETTERS],
  'announce-expiry': [READ, WRITE, DEAD_LETTERS],
  'check-connections': [READ, WRITE, READ_SECRETS, ENQUEUE, WORK_OFF],
  'retire-secrets': [REMOVE_SECRETS, STREAM, DEAD_LETTERS],
  'relay-events': [PUBLISH, STREAM, DEAD_LETTERS],
  notify: [NOTIFY, ONCE, DEAD_LETTERS],
};

describe('roles', () => {
  test('are written down here, one for each function', () => {
    expect([...rights.keys()].toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  test.each(Object.entries(EXPECTED))('let %s do what it needs and nothing else', (name, expected) => {
    expect(new Set(rights.get(name))).toEqual(new Set([...EVERY, ...expected.flat()]));
  });

  test('have their rights from nowhere else', () => {
    expect(rolesWithOtherPermissions(api)).toEqual([]);
  });

  test('keep records of repeated requests where a key is heeded, people as engine, and nowhere else', () => {
    const heeding = Object.values<Route>(routes).filter(isIdempotent);
    expect(new Set(heeding.map(({ caller }) => caller.kind))).toEqual(new Set(['user', 'engine']));
    const keeping = [...rights].filter(([, lines]) => ON_RECORDS.every((line) => new Set(lines).has(line)));
    expect(keeping.map(([name]) => name).toSorted()).toEqual(
      heeding.map(({ entry }) => entry.replace('/', '-')).toSorted(),
    );
  });

  test('name the indexes that the store declares', () => {
    const policies = JSON.stringify(findResources(api, 'AWS::IAM::Policy'));
    const named = new Set([...policies.matchAll(/"\/index\/([^"]+)"/g)].map(([, index]) => index));
    expect(named).toEqual(new Set(TABLE.indexes.map(({ name }) => name)));
  });
});

describe('secrets', () => {
  const who = (pattern: RegExp) =>
    [...rights].filter(([, lines]) => lines.some((line) => pattern.test(line))).map(([name]) => name);

  test('can be read by the checks and by what hands them to the engine alone', () => {
    const readers = who(/^(secretsmanager:(GetSecretValue|BatchGetSecretValue)|\*)/);
    expect(readers.toSorted()).toEqual([
      'check-connections',
      'connections-check',
      'engine-issue-credentials',
    ]);
  });

  test('can be read by one function alone of those that the engine calls', () => {
    const ofEngine = Object.values<Route>(routes).filter(({ caller }) => caller.kind === 'engine');
    const names = ofEngine.map(({ entry }) => entry.replace('/', '-'));
    expect(names).toHaveLength(4);
    expect(who(/^(secretsmanager:|kms:.* the secrets key)/).filter((name) => names.includes(name))).toEqual([
      'engine-issue-credentials',
    ]);
  });

  test('cannot be read, written or decrypted by what lists', () => {
    const listing = [...rights.keys()].filter((name) => /-(list|get|history|icon)$/.test(name));
    expect(listing).toHaveLength(8);
    expect(who(/secretsmanager|secrets/).filter((name) => listing.includes(name))).toEqual([]);
  });

  test('are granted by no wildcard in an action', () => {
    expect(who(/^[^ ]*\*/)).toEqual([]);
  });
});
