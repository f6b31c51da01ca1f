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

const functionProperties = z.object({
  FunctionName: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Timeout: z.number(),
  Role: z.unknown(),
  LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }), LogFormat: z.string() }),
  TracingConfig: z.object({ Mode: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const functions = parseProperties(api, 'AWS::Lambda::Function', functionProperties);
const functionName = (entry: string) => `connections-test-${entry.replace('/', '-')}`;

describe('routes', () => {
  const deployed = parseProperties(
    api,
    'AWS::ApiGatewayV2::Route',
    z.object({ RouteKey: z.string(), AuthorizationType: z.string(), Target: z.unknown() }),
  );

  test('are those of the contract, each with the authorizer of its caller', () => {
    const expected = Object.values<Route>(routes).map(({ method, path, caller }) => ({
      RouteKey: `${method} ${path}`,
      AuthorizationType: AUTHORIZATION[caller.kind],
    }));
    const found = deployed.map(({ RouteKey, AuthorizationType }) => ({ RouteKey, AuthorizationType }));
    const byKey = (a: { RouteKey: string }, b: { RouteKey: string }) => a.RouteKey.localeCompare(b.RouteKey);
    expect(found.toSorted(byKey)).toEqual(expected.toSorted(byKey));
  });

  test('below /v1/runtime require an IAM signature', () => {
    const runtime = deployed.filter(({ RouteKey }) => RouteKey.includes('/v1/runtime/'));
    expect(runtime).not.toEqual([]);
    expect(new Set(runtime.map(({ AuthorizationType }) => AuthorizationType))).toEqual(new Set(['AWS_IAM']));
  });

  test('have a function each', () => {
    expect(new Set(deployed.map(({ Target }) => JSON.stringify(Target))).size).toBe(deployed.length);
    const background = [schedules, streamWorkers, queueWorkers, eventHandlers];
    const entries = background.flatMap((kind) => Object.values(kind).map(({ entry }) => entry));
    const expected = [
      ...Object.values<Route>(routes).map(({ entry }) => functionName(entry)),
      ...entries.map((entry) => functionName(entry.split('/').slice(1).join('/'))),
    ];
    expect(functions.map(({ FunctionName }) => FunctionName).toSorted()).toEqual(expected.toSorted());
  });

  test('accept tokens of the issuer and audience of the settings', () => {
    expect(parseProperties(api, 'AWS::ApiGatewayV2::Authorizer', z.unknown())).toEqual([
      expect.objectContaining({
        AuthorizerType: 'JWT',
        IdentitySource: ['$request.header.Authorization'],
        JwtConfiguration: { Audience: ['connections'], Issuer: 'https://issuer.example.com/' },
      }),
    ]);
  });

  test('accept tokens of the user pool without an issuer in the settings', () => {
    const [authorizer] = findResources(
      synthesizeStage({ identity: undefined }).api,
      'AWS::ApiGatewayV2::Authorizer',
    );
    expect(JSON.stringify(authorizer)).toMatch(/cognito-idp\..*connections-test-data/);
  });
});

describe('functions', () => {
  test('run on Node 24 on arm64, each with its own role and log group', () => {
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

  test('of routes time out before API Gateway does', () => {
    const background = functions
      .filter(({ Timeout }) => Timeout > 29)
      .map(({ FunctionName }) => FunctionName);
    const expected = [
      ...[
        'advance-deletions',
        'announce-expiry',
        'check-connections',
        'enqueue-due-checks',
        'notify',
        'relay-events',
      ],
      ...['retire-secrets', 'send-digests', 'sweep-orphans'],
    ];
    expect(background.toSorted()).toEqual(expected.map(functionName));
  });

  test('have the environment variables that they need, and no others', () => {
    const variables = Object.fromEntries(
      functions.map(({ FunctionName, Environment }) => [
        FunctionName.slice('connections-test-'.length),
        Object.keys(Environment.Variables)
          .filter((name) => !['SERVICE_NAME', 'NODE_OPTIONS'].includes(name))
          .toSorted(),
      ]),
    );
    expect(variables).toMatchObject({
      'projects-list': ['TABLE_NAME'],
      'providers-list': ['CATALOG_DIR', 'OAUTH_CLIENTS_PREFIX'],
      'connections-list': ['CATALOG_DIR', 'TABLE_NAME'],
      'connections-check': [
        ...['CATALOG_DIR', 'CREDENTIALS_KEY_SECRET', 'CREDENTIALS_STORE', 'DATA_KEY_SECRET'],
        ...['OAUTH_CLIENTS_PREFIX', 'PROVIDER_CALLS_PER_SECOND', 'PROVIDER_CALL_RATES'],
        'PROVIDER_REQUESTS_PER_MINUTE',
        ...['SECRETS_KMS_KEY_ID', 'SECRETS_PREFIX', 'SECRETS_TAGS', 'TABLE_NAME'],
      ],
      'connections-authorize': [
        ...['CATALOG_DIR', 'DATA_KEY_SECRET', 'OAUTH_CLIENTS_PREFIX', 'PROVIDER_REQUESTS_PER_MINUTE'],
        ...['RETURN_ORIGINS', 'TABLE_NAME'],
      ],
      'connections-reconnect': [
        ...['CATALOG_DIR', 'CREDENTIALS_KEY_SECRET', 'CREDENTIALS_STORE', 'DATA_KEY_SECRET'],
        ...['OAUTH_CLIENTS_PREFIX', 'PROVIDER_CALLS_PER_SECOND', 'PROVIDER_CALL_RATES'],
        'PROVIDER_REQUESTS_PER_MINUTE',
        ...['SECRETS_KMS_KEY_ID', 'SECRETS_PREFIX', 'SECRETS_TAGS', 'TABLE_NAME'],
      ],
      'retire-secrets': [
        ...['CATALOG_DIR', 'CREDENTIALS_KEY_SECRET', 'DATA_KEY_SECRET', 'OAUTH_CLIENTS_PREFIX'],
        ...['SECRETS_PREFIX', 'TABLE_NAME'],
      ],
      'engine-issue-credentials': [
        ...['CATALOG_DIR', 'CREDENTIALS_KEY_SECRET', 'CREDENTIALS_STORE', 'DATA_KEY_SECRET'],
        ...['OAUTH_CLIENTS_PREFIX', 'SECRETS_KMS_KEY_ID', 'SECRETS_PREFIX', 'SECRETS_TAGS', 'TABLE_NAME'],
      ],
      'engine-report-failure': ['CHECKS_QUEUE_URL', 'TABLE_NAME'],
      'enqueue-due-checks': ['CHECKS_QUEUE_URL', 'TABLE_NAME'],
      'check-connections': [
        ...['CATALOG_DIR', 'CHECKS_QUEUE_URL', 'CREDENTIALS_KEY_SECRET', 'CREDENTIALS_STORE'],
        ...['DATA_KEY_SECRET', 'OAUTH_CLIENTS_PREFIX'],
        ...[
          'PROVIDER_CALLS_PER_SECOND',
          'PROVIDER_CALL_RATES',
          'SECRETS_KMS_KEY_ID',
          'SECRETS_PREFIX',
          'SECRETS_TAGS',
          'TABLE_NAME',
        ],
      ],
      'relay-events': ['EVENT_BUS_NAME'],
      notify: ['CATALOG_DIR', 'CONSOLE_URL', 'NOTICES_TOPIC_ARN', 'TABLE_NAME'],
    });
  });
});

describe('logs', () => {
  test('are encrypted and deleted after the days of the settings', () => {
    const log = z.object({ LogGroupName: z.string(), RetentionInDays: z.literal(30), KmsKeyId: z.unknown() });
    const names = parseProperties(api, 'AWS::Logs::LogGroup', log.required()).map(
      ({ LogGroupName }) => LogGroupName,
    );
    expect(names).toHaveLength(functions.length + 1);
    expect(names).toContain('/connections/test/http/connections/rename');
    expect(names).toContain('/aws/vendedlogs/connections/test/access');
  });

  test('are retained with `keep`, except after a failed first deployment, and deleted with `remove`', () => {
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

  test('throttles at the rate and burst of the settings', () => {
    expect(stage?.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 });
  });

  test('logs each request as JSON, without fields that can hold secrets', () => {
    const format = stage?.AccessLogSettings.Format ?? '';
    expect(JSON.parse(format)).toMatchObject({ requestId: '$context.requestId', route: '$context.routeKey' });
    // A path holds ids, and a query can hold an authorization code.
    expect(format).not.toMatch(
      /\$context\.(path|requestOverride|customDomain)|querystring|header|body|cookie/i,
    );
  });

  test('allows CORS for the origins of the settings only', () => {
    const cors = (stack: typeof api) =>
      parseProperties(
        stack,
        'AWS::ApiGatewayV2::Api',
        z.object({ CorsConfiguration: z.unknown().optional() }),
      )[0];
    expect(cors(api)?.CorsConfiguration).toEqual({
      AllowOrigins: ['https://app.example.com'],
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match'],
      AllowMethods: ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'],
      ExposeHeaders: ['apigw-requestid', 'etag', 'idempotency-replayed', 'location', 'retry-after'],
      MaxAge: 300,
    });
    expect(cors(synthesizeStage({ allowedOrigins: [] }).api)?.CorsConfiguration).toBeUndefined();
  });
});

const eventSourceMappings = (stack: typeof api) =>
  parseProperties(stack, 'AWS::Lambda::EventSourceMapping', z.looseObject({}));

describe('background work', () => {
  test('runs at the declared rates, with retries and a dead-letter queue', () => {
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

  test('reads its own records of the stream, and bisects a batch around a failing record', () => {
    expect(eventSourceMappings(api).filter((mapping) => 'StartingPosition' in mapping)).toEqual(
      Object.values(streamWorkers).map(({ filters }) =>
        expect.objectContaining({
          FilterCriteria: { Filters: filters.map((filter) => ({ Pattern: JSON.stringify(filter) })) },
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

  test('receives checks at the concurrency of the settings, and reports failures per message', () => {
    expect(eventSourceMappings(api).filter((mapping) => !('StartingPosition' in mapping))).toEqual([
      expect.objectContaining({
        EventSourceArn: expect.objectContaining({ 'Fn::GetStackOutput': expect.anything() }),
        BatchSize: queueWorkers.checkConnections.batchSize,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 7 },
      }),
    ]);
  });

  test('allows recursion for the check worker only', () => {
    const recursive = parseProperties(api, 'AWS::Lambda::Function', z.looseObject({})).filter(
      (properties) => 'RecursiveLoop' in properties,
    );
    expect(recursive).toEqual([
      expect.objectContaining({ FunctionName: functionName('check-connections'), RecursiveLoop: 'Allow' }),
    ]);
  });

  test('notifies subscribers of the declared events, with retries and a dead-letter queue', () => {
    const busRules = (stack: typeof api) =>
      parseProperties(stack, 'AWS::Events::Rule', z.looseObject({})).filter((rule) => 'EventPattern' in rule);
    expect(busRules(api)).toEqual([
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
    const { api: withoutNotices } = synthesizeStage({ notices: undefined });
    expect(busRules(withoutNotices)).toEqual([]);
    const names = parseProperties(withoutNotices, 'AWS::Lambda::Function', functionProperties).map(
      ({ FunctionName }) => FunctionName,
    );
    const withNotices = ['notify', 'send-digests'].map(functionName);
    expect(functions.map(({ FunctionName }) => FunctionName).filter((name) => !names.includes(name))).toEqual(
      expect.arrayContaining(withNotices),
    );
    expect(names).toHaveLength(functions.length - withNotices.length);
  });

  test('uses the restored table of the settings', () => {
    const arn = 'arn:aws:dynamodb:eu-central-1:123456789012:table/restored';
    const restored = synthesizeStage({
      restoredTable: { arn, streamArn: `${arn}/stream/2026-01-01T00:00:00.000` },
    });
    const streams = eventSourceMappings(restored.api).filter((mapping) => 'StartingPosition' in mapping);
    expect(new Set(streams.map(({ EventSourceArn }) => EventSourceArn))).toEqual(
      new Set([`${arn}/stream/2026-01-01T00:00:00.000`]),
    );
    const tables = parseProperties(restored.api, 'AWS::Lambda::Function', functionProperties)
      .map(({ Environment }) => Environment.Variables.TABLE_NAME)
      .filter((name) => name !== undefined);
    expect(new Set(tables)).toEqual(new Set(['restored']));
    expect(findResources(restored.data, 'AWS::DynamoDB::Table')).toHaveLength(1);
  });
});
