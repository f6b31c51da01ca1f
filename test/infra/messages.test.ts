import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const { api, messages } = synthesizeStage();
const { messages: bare } = synthesizeStage({ notices: undefined, webhook: undefined, whenDeleted: 'remove' });

const policyProperties = z.object({
  PolicyDocument: z.object({ Statement: z.array(z.looseObject({ Effect: z.string() })) }),
  Queues: z.array(z.object({ Ref: z.string() })).optional(),
});
const OUR_KEY = { 'Fn::GetAtt': [expect.stringMatching(/^MessagesKey/), 'Arn'] };

describe('every queue', () => {
  const queue = z.looseObject({ QueueName: z.string(), MessageRetentionPeriod: z.number() });

  test.each([
    ['messages', messages],
    ['api', api],
  ])('of the %s stack is encrypted and denies access without TLS', (_, stack) => {
    const queues = findResources(stack, 'AWS::SQS::Queue');
    expect(queues).not.toEqual([]);
    for (const { Properties } of queues) expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
    const denied = parseProperties(stack, 'AWS::SQS::QueuePolicy', policyProperties)
      .filter(({ PolicyDocument: { Statement } }) =>
        Statement.some(
          (statement) =>
            statement.Effect === 'Deny' &&
            JSON.stringify(statement.Condition).includes('"aws:SecureTransport":"false"'),
        ),
      )
      .flatMap(({ Queues = [] }) => Queues.map(({ Ref }) => Ref));
    expect(new Set(denied)).toEqual(new Set(queues.map(({ id }) => id)));
  });

  test('of dead letters keeps them for 14 days, the most that SQS allows', () => {
    const deadLetterQueues = [api, messages]
      .flatMap((stack) => parseProperties(stack, 'AWS::SQS::Queue', queue))
      .filter(({ QueueName }) => QueueName.endsWith('-dead-letters'));
    expect(deadLetterQueues).toHaveLength(11);
    for (const { MessageRetentionPeriod } of deadLetterQueues)
      expect(MessageRetentionPeriod).toBe(14 * 24 * 3600);
  });

  test('of checks hides a batch for six timeouts of its worker, and dead-letters it after five receives', () => {
    const [checks] = parseProperties(messages, 'AWS::SQS::Queue', queue).filter(
      ({ QueueName }) => QueueName === 'connections-test-checks',
    );
    const timeout = z.object({ FunctionName: z.string(), Timeout: z.number() });
    const worker = parseProperties(api, 'AWS::Lambda::Function', timeout).find(
      ({ FunctionName }) => FunctionName === 'connections-test-check-connections',
    );
    expect(checks).toMatchObject({
      VisibilityTimeout: 6 * (worker?.Timeout ?? Number.NaN),
      RedrivePolicy: { maxReceiveCount: 5 },
    });
    // Longer than the longest cadence, one day: SQS deletes no check that is still due.
    expect(checks?.MessageRetentionPeriod).toBe(2 * 24 * 3600);
  });
});

describe('the bus', () => {
  test('is encrypted with our key, and has a dead-letter queue for events that it cannot encrypt', () => {
    expect(parseProperties(messages, 'AWS::Events::EventBus', z.unknown())).toEqual([
      expect.objectContaining({
        Name: 'connections-test-events',
        KmsKeyIdentifier: OUR_KEY,
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^EventsDeadLetters/), 'Arn'] } },
      }),
    ]);
    const allowed = parseProperties(messages, 'AWS::SQS::QueuePolicy', policyProperties)
      .filter(({ Queues = [] }) => Queues.some(({ Ref }) => Ref.startsWith('EventsDeadLetters')))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allowed).toEqual([
      expect.objectContaining({
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [expect.stringMatching(/^EventsBus/), 'Arn'] } },
        },
      }),
    ]);
  });

  test('archives all events for the days of the settings, under the same key', () => {
    expect(parseProperties(messages, 'AWS::Events::Archive', z.unknown())).toEqual([
      expect.objectContaining({
        RetentionDays: 21,
        EventPattern: { source: ['connections'] },
        KmsKeyIdentifier: OUR_KEY,
      }),
    ]);
  });

  test('is the only bus for which EventBridge may use the key', () => {
    const key = z.object({ EnableKeyRotation: z.literal(true), KeyPolicy: z.looseObject({}) });
    const [policy] = parseProperties(messages, 'AWS::KMS::Key', key).map(({ KeyPolicy }) => KeyPolicy);
    const statements = z
      .array(
        z.looseObject({ Action: z.unknown(), Condition: z.unknown().optional(), Principal: z.unknown() }),
      )
      .parse(policy?.Statement)
      .filter(({ Principal }) => JSON.stringify(Principal).includes('events.amazonaws.com'));
    const usage = statements.filter(({ Action }) => Action !== 'kms:DescribeKey');
    expect(usage).toHaveLength(1);
    expect(JSON.stringify(usage)).toContain(':event-bus/connections-test-events"');
    for (const { Condition } of statements) {
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });
});

describe('notices', () => {
  test('go to a topic that is encrypted with our key and denies publishing without TLS', () => {
    expect(parseProperties(messages, 'AWS::SNS::Topic', z.unknown())).toEqual([
      expect.objectContaining({ TopicName: 'connections-test-notices', KmsMasterKeyId: OUR_KEY }),
    ]);
    const [policy] = parseProperties(messages, 'AWS::SNS::TopicPolicy', policyProperties);
    expect(policy?.PolicyDocument.Statement).toMatchObject([
      { Effect: 'Deny', Action: 'sns:Publish', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  test('have the email addresses of the settings as subscribers', () => {
    expect(parseProperties(messages, 'AWS::SNS::Subscription', z.unknown())).toEqual([
      expect.objectContaining({ Endpoint: 'flows@example.com', Protocol: 'email' }),
    ]);
  });

  test('have no topic unless the settings enable them', () => {
    expect(findResources(bare, 'AWS::SNS::Topic')).toEqual([]);
    expect(findResources(bare, 'AWS::SNS::Subscription')).toEqual([]);
  });
});

describe('the webhook', () => {
  test('receives the detail of every event at the rate of the settings, with retries and dead letters', () => {
    expect(parseProperties(messages, 'AWS::Events::Rule', z.unknown())).toEqual([
      expect.objectContaining({
        EventPattern: { source: ['connections'] },
        Targets: [
          expect.objectContaining({
            InputPath: '$.detail',
            DeadLetterConfig: { Arn: expect.anything() },
            RetryPolicy: { MaximumEventAgeInSeconds: 24 * 3600, MaximumRetryAttempts: 185 },
          }),
        ],
      }),
    ]);
    expect(parseProperties(messages, 'AWS::Events::ApiDestination', z.unknown())).toEqual([
      expect.objectContaining({
        HttpMethod: 'POST',
        InvocationEndpoint: 'https://hooks.example.com/connections',
        InvocationRateLimitPerSecond: 3,
      }),
    ]);
  });

  test.each([
    ['the newest version', undefined, ':SecretString:::'],
    [
      'the version of the settings',
      'b1a5e0a2-0000-4000-8000-000000000001',
      ':SecretString:::b1a5e0a2-0000-4000-8000-000000000001',
    ],
  ])('receives a secret that no template holds: %s', (_, secretVersionId, version) => {
    const webhook = {
      url: 'https://hooks.example.com/',
      secretName: 'hooks/connections',
      rate: 1,
      secretVersionId,
    };
    const { messages: stack } = synthesizeStage({ webhook });
    expect(parseProperties(stack, 'AWS::Events::Connection', z.unknown())).toEqual([
      expect.objectContaining({
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: {
            ApiKeyName: 'Authorization',
            ApiKeyValue: `{{resolve:secretsmanager:hooks/connections${version}}}`,
          },
        },
      }),
    ]);
  });

  test('has no resources unless the settings enable it', () => {
    const types = ['AWS::Events::Rule', 'AWS::Events::ApiDestination', 'AWS::Events::Connection'];
    for (const type of types) expect(findResources(bare, type)).toEqual([]);
  });
});

describe('the stack', () => {
  test('is protected from deletion with `keep`, and retains nothing with `remove`', () => {
    expect(messages.terminationProtection).toBe(true);
    expect(bare.terminationProtection).toBe(false);
    const policies = findResources(bare).map(({ DeletionPolicy }) => DeletionPolicy);
    expect(policies.filter((policy) => policy?.startsWith('Retain'))).toEqual([]);
  });
});
