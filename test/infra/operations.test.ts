import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ALARM_TEXTS } from '../../infra/operations/alarm-texts.ts';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const { operations, api, messages } = synthesizeStage();

/** Functions with a dead-letter queue of their own. */
const WITH_DEAD_LETTERS = [
  ...['sweep-orphans', 'enqueue-due-checks', 'announce-expiry', 'advance-deletions'],
  ...['send-digests', 'retire-secrets', 'relay-events', 'notify'],
];

const alarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string(),
  AlarmActions: z.array(z.unknown()).length(1),
  OKActions: z.array(z.unknown()).length(1),
  TreatMissingData: z.enum(['notBreaching', 'breaching']),
});

const alarms = parseProperties(operations, 'AWS::CloudWatch::Alarm', alarm);
const names = alarms.map(({ AlarmName }) => AlarmName.replace('connections-test-', ''));
const functions = parseProperties(api, 'AWS::Lambda::Function', z.object({ FunctionName: z.string() }));

const alarmProperties = parseProperties(
  operations,
  'AWS::CloudWatch::Alarm',
  z.looseObject({ AlarmName: z.string() }),
);

const alarmNamed = (name: string) =>
  alarmProperties.find(({ AlarmName }) => AlarmName === `connections-test-${name}`);

describe('alarms', () => {
  test('cover requests, functions, queues, the stream and the table', () => {
    expect(names.toSorted()).toEqual(
      [
        'api-errors',
        'api-latency',
        ...functions.map(({ FunctionName }) => FunctionName.replace('connections-test-', 'function-errors-')),
        'function-throttles-1',
        'function-throttles-2',
        'function-throttles-3',
        'function-throttles-4',
        'sweep-silent',
        'checks-silent',
        'expiry-silent',
        'deletions-silent',
        'digests-silent',
        'stream-age',
        'event-lag',
        'checks-behind',
        'checks-late',
        'provider-unavailable',
        ...['tokens-unavailable', 'oauth-client-refused', 'grants-not-revoked', 'seals-broken'],
        ...['operations-interrupted', 'many-ending'],
        'notices-failed',
        'webhook-failing',
        ...[...WITH_DEAD_LETTERS, 'checks', 'events', 'webhook'].map((source) => `dead-letters-${source}`),
        'table-throttles',
        'table-errors',
      ].toSorted(),
    );
  });

  test('cover every dead-letter queue', () => {
    const queue = z.object({ QueueName: z.string() });
    const queues = [api, messages]
      .flatMap((stack) => parseProperties(stack, 'AWS::SQS::Queue', queue))
      .filter(({ QueueName }) => QueueName.endsWith('-dead-letters'));
    expect(names.filter((name) => name.startsWith('dead-letters-'))).toHaveLength(queues.length);
  });

  test.each(alarms)(
    '$AlarmName describes its effect, the first step and its section of the documentation',
    ({ AlarmDescription }) => {
      expect(AlarmDescription).toMatch(/^For users: \w.{20,} Do: \w.{20,} See docs\/operations\.md#[a-z-]+$/);
    },
  );

  test('have the sections of docs/operations.md', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const sections = [...page.matchAll(/^### `([a-z0-9-]+)`$/gm)].map(([, name]) => name);
    expect(sections.toSorted()).toEqual(
      Object.values(ALARM_TEXTS)
        .map((text) => text.page)
        .toSorted(),
    );
  });

  test('go off on missing data of schedules only', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching.map(({ AlarmName }) => AlarmName)).toEqual([
      'connections-test-sweep-silent',
      'connections-test-checks-silent',
      'connections-test-deletions-silent',
      'connections-test-expiry-silent',
      'connections-test-digests-silent',
    ]);
  });
});

test('a single slow or failed request raises no alarm', () => {
  expect(alarmNamed('api-latency')).toMatchObject({
    ExtendedStatistic: 'p99',
    EvaluateLowSampleCountPercentile: 'ignore',
  });
  // One of at least twenty requests is at most 5 %, which does not exceed the threshold.
  expect(alarmNamed('api-errors')).toMatchObject({
    Threshold: 5,
    Metrics: expect.arrayContaining([
      expect.objectContaining({ Expression: '100 * errors / IF(requests > 20, requests, 20)' }),
    ]),
  });
});

describe('alarms on custom metrics', () => {
  test('use the service name of the functions as their dimension', () => {
    const variables = z.object({ Environment: z.object({ Variables: z.looseObject({}) }) });
    const services = parseProperties(api, 'AWS::Lambda::Function', variables).map(
      ({ Environment }) => Environment.Variables.SERVICE_NAME,
    );
    expect(new Set(services)).toEqual(new Set(['connections-test']));
    expect(alarmNamed('checks-late')).toMatchObject({
      Namespace: 'Connections',
      MetricName: 'SecondsLate',
      Dimensions: [{ Name: 'service', Value: 'connections-test' }],
      // As long as two delays of a re-enqueued batch, which is 15 minutes at most.
      Threshold: 1800,
    });
  });

  test('have a contributor for each provider whose checks get no response', () => {
    expect(alarmNamed('provider-unavailable')).toMatchObject({
      Metrics: [
        {
          Expression:
            "SELECT SUM(ChecksWithoutResponse) FROM Connections WHERE service = 'connections-test' " +
            'GROUP BY provider ORDER BY SUM() DESC',
          Period: 1800,
        },
      ],
      Threshold: 20,
    });
  });
});

test('a stage without notices and webhook has no alarms on them', () => {
  const { operations: withoutDeliveries } = synthesizeStage({ notices: undefined, webhook: undefined });
  const remaining = parseProperties(withoutDeliveries, 'AWS::CloudWatch::Alarm', alarm).map(
    ({ AlarmName }) => AlarmName,
  );
  expect(remaining.filter((name) => /notif|notice|webhook/.test(name))).toEqual([]);
});

describe('the alarm topic', () => {
  test('has the email addresses of the settings as subscribers', () => {
    expect(parseProperties(operations, 'AWS::SNS::Subscription', z.looseObject({}))).toEqual([
      expect.objectContaining({ Endpoint: 'on-call@example.com', Protocol: 'email' }),
    ]);
  });

  test('accepts alarms of this account only, over TLS', () => {
    const [policy] = findResources(operations, 'AWS::SNS::TopicPolicy');
    expect(policy?.Properties?.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        },
      ],
    });
  });
});

test('the dashboard shows every alarm', () => {
  const [dashboard] = findResources(operations, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard);
  const ids = findResources(operations, 'AWS::CloudWatch::Alarm').map(({ id }) => id);
  expect(ids.filter((id) => !body.includes(id))).toEqual([]);
});

const dashboardBody = z.object({
  widgets: z.array(z.object({ type: z.string(), properties: z.looseObject({}) })),
});

/** Returns the questions on a stage's dashboard, each with the titles of its graphs. */
function questionsOf({ operations: stack }: Pick<ReturnType<typeof synthesizeStage>, 'operations'>) {
  const [dashboard] = findResources(stack, 'AWS::CloudWatch::Dashboard');
  // References to resources of the stack are objects between the parts of the text.
  const parts = z
    .object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })
    .parse(dashboard?.Properties?.DashboardBody)['Fn::Join'][1];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'ref')).join('');
  const questions = new Map<string, string[]>();
  for (const { type, properties } of dashboardBody.parse(JSON.parse(text)).widgets) {
    const [, question] = /^## (.+)/.exec(String(properties.markdown)) ?? [];
    if (type === 'text' && question) questions.set(question, []);
    else [...questions.values()].at(-1)?.push(String(properties.title));
  }
  return questions;
}

describe('the dashboard', () => {
  const questions = questionsOf({ operations });

  test('shows why connections turned inactive, how late checks are, and what notices say', () => {
    expect(questions.get('How many connections stop working, and why?')).toEqual([
      'Deactivations by provider: credentials_expired',
      'Deactivations by provider: access_revoked',
      'Deactivations by provider: access_changed',
      'Deactivations by provider: refresh_interrupted',
      'Reactivations by provider',
    ]);
    expect(questions.get('How late are checks, and what do providers respond?')).toContain(
      'Delay of checks after their scheduled time (s)',
    );
    expect(questions.get('What do notices say, and do notices and webhook calls arrive?')).toEqual([
      'Notices by kind',
      'Messages with notices',
      'Failed notices and webhook calls',
    ]);
  });

  test('has graphs below every question', () => {
    expect(questions.size).toBeGreaterThan(1);
    expect([...questions].filter(([, graphs]) => graphs.length === 0)).toEqual([]);
  });

  test('asks nothing of notices in a stage without notices and webhook', () => {
    const without = questionsOf(synthesizeStage({ notices: undefined, webhook: undefined }));
    expect([...without.keys()].filter((question) => question.includes('notices'))).toEqual([]);
    expect(without.size).toBe(questions.size - 1);
  });
});
