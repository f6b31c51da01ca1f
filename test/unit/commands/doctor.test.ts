import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  type StackStatus,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  GetAccountSettingsCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../../infra/settings.ts';
import { close, listen } from '../../../local/loopback.ts';
import { tableDefinition } from '../../../local/table/create.ts';
import { builtInProviders } from '../../../shared/catalog/index.ts';
import { openClients, readStage } from '../../../tools/doctor/deployed-stage.ts';
import { lineOf } from '../../../tools/doctor/finding.ts';
import { runChecks } from '../../../tools/doctor/run-checks.ts';
import { writeProviders } from '../../harness/provider-entry.ts';
import { VALID_SETTINGS } from '../../infra/valid-settings.ts';

const cloudFormation = mockClient(CloudFormationClient);
const cloudWatch = mockClient(CloudWatchClient);
const dynamodb = mockClient(DynamoDBClient);
const eventBridge = mockClient(EventBridgeClient);
const lambda = mockClient(LambdaClient);
const secretsManager = mockClient(SecretsManagerClient);
const sns = mockClient(SNSClient);
const sqs = mockClient(SQSClient);
const mocks = [cloudFormation, cloudWatch, dynamodb, eventBridge, lambda, secretsManager, sns, sqs];
afterAll(() => {
  for (const mock of mocks) mock.restore();
});

/** The API of the deployed stage: the icon for everybody, and the list of providers for those with a token. */
let statusOf: (path: string, token: string | undefined) => number;
const api = createServer(({ url = '', headers }, response) => {
  response.writeHead(statusOf(url, headers.authorization)).end();
});
let apiUrl: string;
beforeAll(async () => {
  apiUrl = `http://127.0.0.1:${(await listen(api)).port}`;
});
afterAll(() => close(api));

const ALARM = 'connections-test-api-errors';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:connections-test-alarms';
const RESOURCES: Readonly<Record<string, readonly (readonly [type: string, physicalId: string])[]>> = {
  'connections-test-data': [
    ['AWS::DynamoDB::Table', 'connections-test-table'],
    ['AWS::SecretsManager::Secret', 'arn:keyring'],
  ],
  'connections-test-messages': [
    ['AWS::SQS::Queue', 'https://sqs.example/connections-test-checks'],
    ['AWS::SQS::Queue', 'https://sqs.example/connections-test-checks-dead-letters'],
  ],
  'connections-test-api': [
    ['AWS::Events::Rule', 'connections-test-schedules-sweep'],
    ['AWS::Events::Rule', 'connections-test-events|connections-test-notify'],
    ['AWS::Lambda::EventSourceMapping', 'mapping-1'],
  ],
  'connections-test-operations': [
    ['AWS::CloudWatch::Alarm', ALARM],
    ['AWS::SNS::Topic', TOPIC],
  ],
};

const TABLE_DESCRIPTION = {
  TableStatus: 'ACTIVE' as const,
  DeletionProtectionEnabled: true,
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
  GlobalSecondaryIndexes: tableDefinition('connections-test-table').GlobalSecondaryIndexes?.map((index) => ({
    ...index,
    IndexStatus: 'ACTIVE' as const,
  })),
};

const stackOf = (StackStatus: StackStatus) => ({
  Stacks: [
    {
      StackName: 'connections-test',
      CreationTime: new Date(0),
      StackStatus,
      Outputs: [{ OutputKey: 'ApiUrl', OutputValue: apiUrl }],
    },
  ],
});

/** Answers as a stage without findings does. */
beforeEach(() => {
  for (const mock of mocks) mock.reset();
  statusOf = (path, token) => (path.endsWith('.svg') || token ? 200 : 401);
  cloudFormation.on(DescribeStacksCommand).callsFake(() => stackOf('UPDATE_COMPLETE'));
  cloudFormation.on(ListStackResourcesCommand).callsFake(({ StackName }) => ({
    StackResourceSummaries: (RESOURCES[StackName] ?? []).map(([ResourceType, PhysicalResourceId]) => ({
      ResourceType,
      PhysicalResourceId,
      LogicalResourceId: 'DataKey1234',
    })),
  }));
  dynamodb.on(DescribeTableCommand).resolves({ Table: TABLE_DESCRIPTION });
  dynamodb.on(DescribeContinuousBackupsCommand).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  });
  dynamodb
    .on(DescribeTimeToLiveCommand)
    .resolves({ TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' } });
  eventBridge.on(DescribeRuleCommand).resolves({ State: 'ENABLED' });
  lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: 1_000 } });
  lambda.on(GetEventSourceMappingCommand).resolves({
    UUID: 'mapping-1',
    State: 'Enabled',
    FunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:check-connections',
    ScalingConfig: { MaximumConcurrency: 7 },
  });
  secretsManager.on(GetSecretValueCommand).resolves({ SecretString: '{"clientId":"a","clientSecret":"b"}' });
  secretsManager
    .on(GetSecretValueCommand, { SecretId: 'arn:keyring' })
    .resolves({ SecretString: '{"current":"1","1":"made-up"}' });
  sns.on(ListSubscriptionsByTopicCommand).resolves({ Subscriptions: [{ SubscriptionArn: `${TOPIC}:1` }] });
  sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '0' } });
  cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm({})] });
});

const alarm = (changes: object) => ({
  AlarmName: ALARM,
  AlarmDescription: 'For users: … See docs/operations.md#api-errors',
  StateValue: 'OK' as const,
  ActionsEnabled: true,
  AlarmActions: [TOPIC],
  ...changes,
});

/** Settings without a placeholder and without console. */
const SETTINGS = readSettings(
  {
    test: {
      ...VALID_SETTINGS,
      identity: { issuer: 'https://issuer.platform.dev/', audience: ['connections'] },
      allowedOrigins: ['https://app.platform.dev'],
      console: false,
      notices: undefined,
      webhook: undefined,
      alarmEmails: ['on-call@platform.dev'],
    },
  },
  'test',
);

/** Returns the lines that the command prints for a stage. */
async function linesOf(settings = SETTINGS): Promise<readonly string[]> {
  const clients = openClients('eu-west-1');
  const { findings } = await runChecks(await readStage('test', settings, clients));
  return findings.map(lineOf);
}

/** Changes that break the stage, each with the one line that must report it. */
const WRONG: Readonly<Record<string, readonly [change: () => unknown, line: string | RegExp]>> = {
  'a stack that is missing': [
    () =>
      cloudFormation
        .on(DescribeStacksCommand, { StackName: 'connections-test-operations' })
        .rejects(new Error('Stack with id connections-test-operations does not exist')),
    'problem  there is no stack connections-test-operations: npx cdk deploy -c stage=test --all',
  ],
  'a stack whose creation failed': [
    () =>
      cloudFormation
        .on(DescribeStacksCommand, { StackName: 'connections-test-messages' })
        .callsFake(() => stackOf('ROLLBACK_COMPLETE')),
    /^problem {2}connections-test-messages is ROLLBACK_COMPLETE: aws cloudformation describe-stack-events /,
  ],
  'a deployment that was undone': [
    () =>
      cloudFormation
        .on(DescribeStacksCommand, { StackName: 'connections-test-messages' })
        .callsFake(() => stackOf('UPDATE_ROLLBACK_COMPLETE')),
    /^warning {2}the last deployment of connections-test-messages failed and was undone: /,
  ],
  'a table that can be deleted': [
    () =>
      dynamodb
        .on(DescribeTableCommand)
        .resolves({ Table: { ...TABLE_DESCRIPTION, DeletionProtectionEnabled: false } }),
    /^problem {2}the table can be deleted: aws dynamodb update-table .* --deletion-protection-enabled$/,
  ],
  'a table without a stream': [
    () =>
      dynamodb
        .on(DescribeTableCommand)
        .resolves({ Table: { ...TABLE_DESCRIPTION, StreamSpecification: undefined } }),
    /^problem {2}the table has no stream of both images: docs/,
  ],
  'a table without point-in-time recovery': [
    () => dynamodb.on(DescribeContinuousBackupsCommand).resolves({}),
    /^problem {2}the table cannot be restored to a point in time: aws dynamodb update-continuous-backups /,
  ],
  'a table without TTL': [
    () => dynamodb.on(DescribeTimeToLiveCommand).resolves({}),
    /^warning {2}the table keeps items whose time is over: aws dynamodb update-time-to-live /,
  ],
  'a missing index': [
    () =>
      dynamodb.on(DescribeTableCommand).resolves({
        Table: {
          ...TABLE_DESCRIPTION,
          GlobalSecondaryIndexes: TABLE_DESCRIPTION.GlobalSecondaryIndexes?.filter(
            ({ IndexName }) => IndexName !== 'checks',
          ),
        },
      }),
    'problem  the table has no index checks: npm run indexes:plan -- --stage test',
  ],
  'a disabled schedule': [
    () =>
      eventBridge
        .on(DescribeRuleCommand, { Name: 'connections-test-schedules-sweep' })
        .resolves({ State: 'DISABLED' }),
    'problem  the rule connections-test-schedules-sweep is disabled: aws events enable-rule --name connections-test-schedules-sweep',
  ],
  'a disabled rule of the bus': [
    () =>
      eventBridge
        .on(DescribeRuleCommand, { Name: 'connections-test-notify', EventBusName: 'connections-test-events' })
        .resolves({ State: 'DISABLED' }),
    /enable-rule --name connections-test-notify --event-bus-name connections-test-events$/,
  ],
  'a disabled event source': [
    () =>
      lambda.on(GetEventSourceMappingCommand).resolves({
        UUID: 'mapping-1',
        State: 'Disabled',
        FunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:check-connections',
      }),
    'problem  the event source of check-connections is disabled: aws lambda update-event-source-mapping --enabled --uuid mapping-1',
  ],
  'a new account, with 10 concurrent executions': [
    () => lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: 10 } }),
    /^warning {2}of 10 concurrent executions .* take up to 9, which leaves 1 for requests: aws service-quotas /,
  ],
  'fewer concurrent executions than background functions take': [
    () => lambda.on(GetAccountSettingsCommand).resolves({ AccountLimit: { ConcurrentExecutions: 9 } }),
    /^problem {2}of 9 concurrent executions .* leaves none for requests: set checks.concurrency: 2, /,
  ],
  'an address that was not confirmed': [
    () =>
      sns.on(ListSubscriptionsByTopicCommand).resolves({
        Subscriptions: [{ SubscriptionArn: 'PendingConfirmation', Endpoint: 'on-call@platform.dev' }],
      }),
    /^warning {2}on-call@platform.dev has not confirmed its subscription of connections-test-alarms: /,
  ],
  'a topic without subscribers': [
    () => sns.on(ListSubscriptionsByTopicCommand).resolves({}),
    /^warning {2}nobody subscribes to connections-test-alarms: aws sns subscribe --topic-arn arn:aws:sns:/,
  ],
  'an alarm that goes off': [
    () => cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm({ StateValue: 'ALARM' })] }),
    `problem  ${ALARM} is in alarm: docs/operations.md#api-errors`,
  ],
  'an alarm without actions': [
    () => cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm({ AlarmActions: [] })] }),
    `problem  the alarm ${ALARM} notifies no topic: npx cdk deploy -c stage=test --all`,
  ],
  'an alarm whose actions are disabled': [
    () => cloudWatch.on(DescribeAlarmsCommand).resolves({ MetricAlarms: [alarm({ ActionsEnabled: false })] }),
    /enable-alarm-actions --alarm-names connections-test-api-errors$/,
  ],
  'an alarm that was deleted': [
    () => cloudWatch.on(DescribeAlarmsCommand).resolves({}),
    /^problem {2}the alarm connections-test-api-errors was deleted: /,
  ],
  'dead letters': [
    () => sqs.on(GetQueueAttributesCommand).resolves({ Attributes: { ApproximateNumberOfMessages: '3' } }),
    'problem  3 dead letters wait in connections-test-checks-dead-letters: docs/operations.md#redrive-dead-letters',
  ],
  'an OAuth client without a secret': [
    () =>
      secretsManager
        .on(GetSecretValueCommand, { SecretId: 'connections-oauth-clients/test/google' })
        .rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} })),
    'warning  users cannot connect the services of 1 OAuth clients without secret (google): npm run oauth-client -- put <client> --stage test --client-id <id>',
  ],
  'a check that the caller may not make': [
    () =>
      sqs
        .on(GetQueueAttributesCommand)
        .rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' })),
    /^problem {2}dead letters: not checked \(AccessDeniedException: no\): allow it /,
  ],
};

describe('npm run doctor', () => {
  test('finds nothing in a stage that is complete', async () => {
    expect(await linesOf()).toEqual([]);
  });

  test('finds that nothing is deployed, in one line', async () => {
    cloudFormation.on(DescribeStacksCommand).rejects(new Error('Stack with id … does not exist'));
    expect(await linesOf()).toEqual([
      'problem  there is no stack of stage test in this account and Region: set AWS_PROFILE and AWS_REGION, or npx cdk deploy -c stage=test --all',
    ]);
  });

  test.each(Object.entries(WRONG))('finds %s', async (_name, [change, line]) => {
    change();
    expect(await linesOf()).toEqual([typeof line === 'string' ? line : expect.stringMatching(line)]);
  });

  test('finds an API that fails, and one that lets everybody in', async () => {
    statusOf = () => 500;
    expect(await linesOf()).toEqual([
      `problem  GET ${apiUrl}/v1/providers/trello/icon.svg has the status 500 instead of 200: docs/operations.md#api-errors`,
      `problem  GET ${apiUrl}/v1/providers has the status 500 instead of 401: docs/operations.md#api-errors`,
    ]);
    statusOf = () => 200;
    expect(await linesOf()).toEqual([expect.stringContaining('has the status 200 instead of 401')]);
  });

  test("finds a missing OAuth client of the stage's own providers", async () => {
    const providersFolder = mkdtempSync(join(tmpdir(), 'doctor-'));
    const entry = builtInProviders().find(({ entry: { id } }) => id === 'github-oauth')?.entry;
    if (!entry?.oauth2) throw new Error('There is no entry github-oauth.');
    writeProviders(providersFolder, [{ ...entry, id: 'acme', oauth2: { ...entry.oauth2, client: 'acme' } }]);
    secretsManager
      .on(GetSecretValueCommand, { SecretId: 'connections-oauth-clients/test/acme' })
      .rejects(new ResourceNotFoundException({ message: 'gone', $metadata: {} }));
    expect(await linesOf({ ...SETTINGS, providersFolder })).toEqual([
      expect.stringContaining('1 OAuth clients without secret (acme)'),
    ]);
  });

  test('finds placeholders in the settings', async () => {
    const settings = { ...SETTINGS, allowedOrigins: ['https://app.example.com'], alarmEmails: [] };
    expect(await linesOf(settings)).toEqual([
      expect.stringMatching(/^warning {2}allowedOrigins.0 of stage test is a placeholder: https:\/\/app/),
      expect.stringMatching(
        /^warning {2}alarmEmails of stage test is empty: its alarms notify nobody: edit /,
      ),
    ]);
  });

  test('never prints what a keyring or an OAuth client holds', async () => {
    secretsManager.on(GetSecretValueCommand).resolves({ SecretString: '{"current":"1","secret-value' });
    secretsManager.on(GetSecretValueCommand, { SecretId: 'arn:keyring' }).resolves({
      SecretString: '{"current":"2","1":"secret-value"}',
    });
    const lines = await linesOf();
    expect(lines).toContainEqual(expect.stringContaining('the keyring has no current key'));
    expect(lines).toContainEqual(expect.stringContaining('the OAuth client google cannot be read'));
    expect(lines.join('\n')).not.toContain('secret-value');
  });
});
