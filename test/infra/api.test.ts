import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { routes } from '../../shared/contract/http/index.ts';
import type { Caller, Route } from '../../shared/contract/http/route.ts';
import { findResources, parseProperties, synthesizeStage } from './synthesized.ts';

const { api } = synthesizeStage();

const AUTHORIZATION: Record<Caller['kind'], string> = { user: 'JWT', engine: 'AWS_IAM', public: 'NONE' };

const aFunction = z.object({
  FunctionName: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.number(),
  Role: z.unknown(),
  LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }), LogFormat: z.string() }),
  TracingConfig: z.object({ Mode: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const functions = parseProperties(api, 'AWS::Lambda::Function', aFunction);
const named = (entry: string) => `connections-test-${entry.replace('/', '-')}`;

describe('routes', () => {
  const ofApi = parseProperties(
    api,
    'AWS::ApiGatewayV2::Route',
    z.object({ RouteKey: z.string(), AuthorizationType: z.string(), Target: z.unknown() }),
  );

  test('are those that are declared, each for its callers', () => {
    const expected = Object.values<Route>(routes).map(({ method, path, caller }) => ({
      RouteKey: `${method} ${path}`,
      AuthorizationType: AUTHORIZATION[caller.kind],
    }));
    const found = ofApi.map(({ RouteKey, AuthorizationType }) => ({ RouteKey, AuthorizationType }));
    const byKey = (a: { RouteKey: string }, b: { RouteKey: string }) => a.RouteKey.localeCompare(b.RouteKey);
    expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey));
  });

  test('are open to nobody without a signature below /v1/runtime', () => {
    const runtime = ofApi.filter(({ RouteKey }) => RouteKey.includes('/v1/runtime/'));
    expect(runtime).not.toEqual([]);
    expect(new Set(runtime.map(({ AuthorizationType }) => AuthorizationType))).toEqual(new Set(['AWS_IAM']));
  });

  test('lead each to a function of its own', () => {
    expect(new Set(ofApi.map(({ Target }) => JSON.stringify(Target))).size).toBe(ofApi.length);
    const background = [schedules, streamWorkers, queueWorkers, eventHandlers];
    const entries = background.flatMap((kind) => Object.values(kind).map(({ entry }) => entry));
    const expected = [
      ...Object.values<Route>(routes).map(({ entry }) => named(entry)),
      ...entries.map((entry) => named(entry.split('/').slice(1).join('/'))),
    ];
    expect(functions.map(({ FunctionName }) => FunctionName).toSorted()).toEqual(expected.toSorted());
  });

  test('believe the tokens of the one issuer for the one audience', () => {
    expect(parseProperties(api, 'AWS::ApiGatewayV2::Authorizer', z.unknown())).toEqual([
      expect.objectContaining({
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Audience: ['connections'], Issuer: 'https://issuer.example.com/' },
      }),
    ]);
  });

  test('believe those of the user pool where no issuer is given', () => {
    const [authorizer] = findResources(
      synthesizeStage({ identity: undefined }).api,
      'AWS::ApiGatewayV2::Authorizer',
    );
    expect(JSON.stringify(authorizer)).toMatch(/cognito-idp\..*connections-test-data/);
  });
});

describe('functions', () => {
  test('run on Node 24 on arm64, each with a role and a log of its own', () => {
    expect(new Set(functions.map(({ Runtime }) => Runtime))).toEqual(new Set(['nodejs24.x']));
    expect(new Set(functions.flatMap(({ Architectures }) => Architectures))).toEqual(new Set(['arm64']));
    expect(new Set(functions.map(({ Role }) => JSON.stringify(Role))).size).toBe(functions.length);
    const logs = functions.map(({ LoggingConfig }) => LoggingConfig.LogGroup.Ref);
    expect(new Set(logs).size).toBe(functions.length);
    expect(new Set(functions.map(({ LoggingConfig }) => LoggingConfig.LogFormat))).toEqual(new Set(['JSON']));
  });

  test('are traced', () => {
    expect(new Set(functions.map(({ TracingConfig }) => TracingConfig.Mode))).toEqual(new Set(['Active']));
  });

  test('of routes end before API Gateway gives up on them', () => {
    const background = functions
      .filter(({ Timeout }) => Timeout > 29)
      .map(({ FunctionName }) => FunctionName);
    const expected = ['announce-expiry', 'check-connections', 'enqueue-due-checks', 'notify', 'relay-events'];
    expect(background.toSorted()).toEqual([...expected, 'retire-secrets', 'sweep-orphans'].map(named));
  });

  test('find in their environment what they need and no more', () => {
    const variables = Object.fromEntries(
      functions.map(({ FunctionName, Environment }) => [
        FunctionName.slice('connections-test-'.length),
        Object.keys(Environment.Variables)
          .filter((name) => !/^(POWERTOOLS_|NODE_OPTIONS)/.test(name))
          .toSorted(),
      ]),
    );
    expect(variables).toMatchObject({
      'providers-list': [],
      'connections-list': ['TABLE_NAME'],
      'connections-check': ['SECRETS_PREFIX', 'TABLE_NAME'],
      'connections-reconnect': ['SECRETS_KMS_KEY_ID', 'SECRETS_PREFIX', 'TABLE_NAME'],
      'retire-secrets': ['SECRETS_PREFIX'],
      'engine-issue-credentials': ['SECRETS_PREFIX', 'TABLE_NAME'],
      'engine-report-failure': ['CHECKS_QUEUE_URL', 'TABLE_NAME'],
      'enqueue-due-checks': ['CHECKS_QUEUE_URL', 'TABLE_NAME'],
      'check-connections': ['CHECKS_QUEUE_URL', 'SECRETS_PREFIX', 'TABLE_NAME'],
      'relay-events': ['EVENT_BUS_NAME'],
      notify: ['NOTICES_TOPIC_ARN', 'TABLE_NAME'],
    });
  });
});

describe('logs', () => {
  test('are encrypted and end after the days that the settings say', () => {
    const log = z.object({ LogGroupName: z.string(), RetentionInDays: z.literal(30), KmsKeyId: z.unknown() });
    const names = parseProperties(api, 'AWS::Logs::LogGroup', log.required()).map(
      ({ LogGroupName }) => LogGroupName,
    );
    expect(names).toHaveLength(functions.length + 1);
    expect(names).toContain('/connections/test/http/connections/rename');
    expect(names).toContain('/aws/vendedlogs/connections/test/access');
  });

  test('outlive their stack where the settings say so, but not a first deployment that fails', () => {
    const policies = (stack: typeof api) =>
      new Set(findResources(stack, 'AWS::Logs::LogGroup').map(({ DeletionPolicy }) => DeletionPolicy));
    expect(policies(api)).toEqual(new Set(['RetainExceptOnCreate']));
    expect(policies(synthesizeStage({ whenDeleted: 'remove' }).api)).toEqual(new Set(['Delete']));
  });
});

describe('the stage', () => {
  const [stage] = parseProperties(
    api,
    'AWS::ApiGatewayV2::Stage',
    z.object({
      StageName: z.literal('$default'),
      DefaultRouteSettings: z.unknown(),
      AccessLogSettings: z.object({ DestinationArn: z.unknown(), Format: z.string() }),
    }),
  );

  test('throttles as the settings say', () => {
    expect(stage?.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 });
  });

  test('logs each request as JSON, and nothing of it that could be secret', () => {
    const format = stage?.AccessLogSettings.Format ?? '';
    expect(JSON.parse(format)).toMatchObject({ requestId: '$context.requestId', route: '$context.routeKey' });
    // `path` and the ids in it are nobody's business either; a query may carry an authorization code.
    expect(format).not.toMatch(
      /\$context\.(path|requestOverride|customDomain)|querystring|header|body|cookie/i,
    );
  });

  test('answers browsers of the allowed origins alone', () => {
    const cors = (stack: typeof api) =>
      parseProperties(
        stack,
        'AWS::ApiGatewayV2::Api',
        z.object({ CorsConfiguration: z.unknown().optional() }),
      )[0];
    expect(cors(api)?.CorsConfiguration).toEqual({
      AllowOrigins: ['https://app.example.com'],
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match'],
      AllowMethods: ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'],
      ExposeHeaders: ['apigw-requestid', 'etag', 'idempotency-replayed', 'location', 'retry-after'],
      MaxAge: 300,
    });
    expect(cors(synthesizeStage({ allowedOrigins: [] }).api)?.CorsConfiguration).toBeUndefined();
  });
});

const mappingsOf = (stack: typeof api) =>
  parseProperties(stack, 'AWS::Lambda::EventSourceMapping', z.looseObject({}));

describe('background work', () => {
  test('starts by the clock as declared, and what is given up is kept', () => {
    const rules = parseProperties(api, 'AWS::Events::Rule', z.looseObject({}));
    expect(rules.filter((rule) => 'ScheduleExpression' in rule)).toEqual(
      Object.values(schedules).map(({ everyMinutes }) =>
        expect.objectContaining({
          ScheduleExpression: everyMinutes === 1 ? 'rate(1 minute)' : `rate(${everyMinutes} minutes)`,
          State: 'ENABLED',
          Targets: [
            expect.objectContaining({
              DeadLetterConfig: { Arn: expect.anything() },
              RetryPolicy: { MaximumEventAgeInSeconds: 300 * everyMinutes, MaximumRetryAttempts: 2 },
            }),
          ],
        }),
      ),
    );
    expect(parseProperties(api, 'AWS::Lambda::EventInvokeConfig', z.looseObject({}))).toEqual(
      [...Object.keys(schedules), ...Object.keys(eventHandlers)].map(() =>
        expect.objectContaining({
          MaximumRetryAttempts: 2,
          DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        }),
      ),
    );
  });

  test('reads only its records of the stream, and one bad one holds up no other', () => {
    expect(mappingsOf(api).filter((mapping) => 'StartingPosition' in mapping)).toEqual(
      Object.values(streamWorkers).map(({ filter }) =>
        expect.objectContaining({
          FilterCriteria: { Filters: [{ Pattern: JSON.stringify(filter) }] },
          StartingPosition: 'TRIM_HORIZON',
          BisectBatchOnFunctionError: true,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          MaximumRecordAgeInSeconds: 6 * 3600,
          MaximumRetryAttempts: 30,
          DestinationConfig: { OnFailure: { Destination: expect.anything() } },
        }),
      ),
    );
  });

  test('takes checks from the queue, as many at once as the settings say, and fails them one by one', () => {
    expect(mappingsOf(api).filter((mapping) => !('StartingPosition' in mapping))).toEqual([
      expect.objectContaining({
        EventSourceArn: expect.objectContaining({ 'Fn::GetStackOutput': expect.anything() }),
        BatchSize: queueWorkers.checkConnections.batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 7 },
      }),
    ]);
  });

  test('may put a batch of checks back more often than Lambda thinks reasonable, and nothing else may', () => {
    const recursing = parseProperties(api, 'AWS::Lambda::Function', z.looseObject({})).filter(
      (one) => 'RecursiveLoop' in one,
    );
    expect(recursing).toEqual([
      expect.objectContaining({ FunctionName: named('check-connections'), RecursiveLoop: 'Allow' }),
    ]);
  });

  test('tells people of the events that are declared, and keeps those that it could not tell', () => {
    const onBus = (stack: typeof api) =>
      parseProperties(stack, 'AWS::Events::Rule', z.looseObject({})).filter((rule) => 'EventPattern' in rule);
    expect(onBus(api)).toEqual([
      expect.objectContaining({
        EventBusName: expect.anything(),
        EventPattern: eventHandlers.notify.pattern,
        Targets: [
          expect.objectContaining({
            DeadLetterConfig: { Arn: expect.anything() },
            RetryPolicy: { MaximumEventAgeInSeconds: 6 * 3600, MaximumRetryAttempts: 185 },
          }),
        ],
      }),
    ]);
    const { api: silent } = synthesizeStage({ notices: undefined });
    expect(onBus(silent)).toEqual([]);
    const names = parseProperties(silent, 'AWS::Lambda::Function', aFunction).map((one) => one.FunctionName);
    expect(names).not.toContain(named('notify'));
    expect(names).toHaveLength(functions.length - 1);
  });

  test('runs on the table that a restore put in the place of the lost one', () => {
    const arn = 'arn:aws:dynamodb:eu-central-1:123456789012:table/restored';
    const restored = synthesizeStage({
      restoredTable: { arn, streamArn: `${arn}/stream/2026-01-01T00:00:00.000` },
    });
    const streams = mappingsOf(restored.api).filter((mapping) => 'StartingPosition' in mapping);
    expect(new Set(streams.map(({ EventSourceArn }) => EventSourceArn))).toEqual(
      new Set([`${arn}/stream/2026-01-01T00:00:00.000`]),
    );
    const tables = parseProperties(restored.api, 'AWS::Lambda::Function', aFunction)
      .map(({ Environment }) => Environment.Variables.TABLE_NAME)
      .filter((name) => name !== undefined);
    expect(new Set(tables)).toEqual(new Set(['restored']));
    expect(findResources(restored.data, 'AWS::DynamoDB::Table')).toHaveLength(1);
  });
});
