import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ALARM_TEXTS } from '../../infra/operations/alarm-texts.ts';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const { operations, api, messages } = synthesizeStage();

/** What is started by the clock, the stream or an event, and leaves what it gave up in a queue of its own. */
const STARTED = [
  ...['sweep-orphans', 'enqueue-due-checks', 'announce-expiry'],
  ...['retire-secrets', 'relay-events', 'notify'],
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

describe('alarms', () => {
  test('watch requests, every function, every queue, the stream and the table', () => {
    expect(names.toSorted()).toEqual(
      [
        'api-errors',
        'api-latency',
        ...functions.map(({ FunctionName }) => FunctionName.replace('connections-test-', 'function-errors-')),
        'function-throttles-1',
        'function-throttles-2',
        'function-throttles-3',
        'sweep-silent',
        'checks-silent',
        'expiry-silent',
        'stream-age',
        'event-lag',
        'checks-behind',
        'checks-late',
        'provider-unavailable',
        'notices-failed',
        'webhook-failing',
        ...[...STARTED, 'checks', 'events', 'webhook'].map((from) => `dead-letters-${from}`),
        'table-throttles',
        'table-errors',
      ].toSorted(),
    );
  });

  test('watch every dead-letter queue that there is', () => {
    const queue = z.object({ QueueName: z.string() });
    const queues = [api, messages]
      .flatMap((stack) => parseProperties(stack, 'AWS::SQS::Queue', queue))
      .filter(({ QueueName }) => QueueName.endsWith('-dead-letters'));
    expect(names.filter((name) => name.startsWith('dead-letters-'))).toHaveLength(queues.length);
  });

  test.each(alarms)('$AlarmName says what it means to users, what to do, and where more stands', (one) => {
    expect(one.AlarmDescription).toMatch(
      /^For users: \w.{20,} Do: \w.{20,} See docs\/operations\.md#[a-z-]+$/,
    );
  });

  test('have each a section in docs/operations.md, and every section of an alarm has one', () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const sections = [...page.matchAll(/^### `([a-z0-9-]+)`$/gm)].map(([, name]) => name);
    expect(sections.toSorted()).toEqual(
      Object.values(ALARM_TEXTS)
        .map((text) => text.page)
        .toSorted(),
    );
  });

  test('go off when the clock starts nothing, and not when nobody calls', () => {
    const loud = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(loud.map(({ AlarmName }) => AlarmName)).toEqual([
      'connections-test-sweep-silent',
      'connections-test-checks-silent',
      'connections-test-expiry-silent',
    ]);
  });
});

test('one slow request, or one that failed, wakes nobody', () => {
  const asked = parseProperties(
    operations,
    'AWS::CloudWatch::Alarm',
    z.looseObject({ AlarmName: z.string() }),
  );
  const [errors, latency] = ['api-errors', 'api-latency'].map((name) =>
    asked.find(({ AlarmName }) => AlarmName === `connections-test-${name}`),
  );
  expect(latency).toMatchObject({ ExtendedStatistic: 'p99', EvaluateLowSampleCountPercentile: 'ignore' });
  // One of twenty is 5 percent, which is not more than 5.
  expect(errors).toMatchObject({
    Threshold: 5,
    Metrics: expect.arrayContaining([
      expect.objectContaining({ Expression: '100 * errors / IF(requests > 20, requests, 20)' }),
    ]),
  });
});

describe('what is counted by functions', () => {
  const asked = parseProperties(
    operations,
    'AWS::CloudWatch::Alarm',
    z.looseObject({ AlarmName: z.string() }),
  );
  const alarmNamed = (name: string) =>
    asked.find(({ AlarmName }) => AlarmName === `connections-test-${name}`);

  test('is counted under the name that the stage logs and counts under', () => {
    const variables = z.object({ Environment: z.object({ Variables: z.looseObject({}) }) });
    const services = parseProperties(api, 'AWS::Lambda::Function', variables).map(
      ({ Environment }) => Environment.Variables.POWERTOOLS_SERVICE_NAME,
    );
    expect(new Set(services)).toEqual(new Set(['connections-test']));
    expect(alarmNamed('checks-late')).toMatchObject({
      Namespace: 'Connections',
      MetricName: 'SecondsLate',
      Dimensions: [{ Name: 'service', Value: 'connections-test' }],
      // More than twice the longest time for which a batch is put off.
      Threshold: 1800,
    });
  });

  test('tells each provider with many checks that got no answer by itself', () => {
    expect(alarmNamed('provider-unavailable')).toMatchObject({
      Metrics: [
        {
          Expression:
            "SELECT SUM(ChecksInVain) FROM Connections WHERE service = 'connections-test' " +
            'GROUP BY provider ORDER BY SUM() DESC',
          Period: 1800,
        },
      ],
      Threshold: 20,
    });
  });
});

test('alarms of what is switched off are not there', () => {
  const { operations: quiet } = synthesizeStage({ notices: undefined, webhook: undefined });
  const left = parseProperties(quiet, 'AWS::CloudWatch::Alarm', alarm).map(({ AlarmName }) => AlarmName);
  expect(left.filter((name) => /notif|notice|webhook/.test(name))).toEqual([]);
});

describe('the topic', () => {
  test('reaches the people of the settings', () => {
    expect(parseProperties(operations, 'AWS::SNS::Subscription', z.looseObject({}))).toEqual([
      expect.objectContaining({ Endpoint: 'on-call@example.com', Protocol: 'email' }),
    ]);
  });

  test('takes nothing but alarms of this account, over TLS', () => {
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
