import { Duration, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CORS } from '../../shared/contract/http/cors.ts';
import { routes } from '../../shared/contract/http/index.ts';
import type { Route } from '../../shared/contract/http/route.ts';
import { accessLogGroup, resourceName } from '../naming.ts';
import { Callers } from './callers.ts';
import type { House } from './house.ts';
import type { HouseFunction } from './house-function.ts';
import type { Identity } from './people.ts';

/**
 * A line for each request: who, which route, how it went. No path, query or header, which may carry what is
 * nobody's business.
 */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  functionLatencyMs: '$context.integrationLatency',
  functionStatus: '$context.integration.status',
  functionError: '$context.integration.error',
  refusedBecause: '$context.authorizer.error',
  error: '$context.error.responseType',
  person: '$context.authorizer.claims.sub',
  principal: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
};

/** The API that people's browsers and the flow engine reach. */
export class ConnectionsApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  readonly #callers: Callers;

  constructor(scope: Construct, id: string, props: { house: House; identity: Identity }) {
    super(scope, id);
    const { settings, logs } = props.house;
    this.api = new HttpApi(this, 'Http', {
      apiName: resourceName(settings, 'api'),
      description: `Connections of the flow platform (${settings.stage})`,
      createDefaultStage: false,
      ...(settings.allowedOrigins.length > 0 && { corsPreflight: cors(settings.allowedOrigins) }),
    });
    const log = new LogGroup(this, 'AccessLog', { logGroupName: accessLogGroup(settings), ...logs });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.throttling.rate, burstLimit: settings.throttling.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
    this.#callers = new Callers(props.identity);
  }

  /** Has a function answer a route, for whom the route is declared for. */
  answer({ method, path, caller }: Route, operationId: string, by: HouseFunction): void {
    const [route] = this.api.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(`${operationId}Integration`, by, {
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      }),
      authorizer: this.#callers.authorizerOf(caller),
    });
    if (route !== undefined && caller.kind === 'public') this.#callers.acknowledgePublic(route);
  }

  /** What an engine's role must be allowed to invoke. */
  get engineResource(): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:execute-api:${region}:${account}:${this.api.apiId}/$default/*/v1/runtime/*`;
  }
}

function cors(allowOrigins: readonly string[]): CorsPreflightOptions {
  const methods = new Set(Object.values<Route>(routes).map(({ method }) => method));
  return {
    allowOrigins: [...allowOrigins],
    allowMethods: [...methods].toSorted().map((method) => CorsHttpMethod[method]),
    allowHeaders: [...CORS.allowHeaders],
    exposeHeaders: [...CORS.exposeHeaders],
    maxAge: Duration.seconds(CORS.maxAgeSeconds),
  };
}
