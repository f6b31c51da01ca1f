import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  CfnStage,
  CorsHttpMethod,
  type CorsPreflightOptions,
  DomainName,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  PayloadFormatVersion,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CORS } from '../../shared/contract/http/cors.ts';
import { routes } from '../../shared/contract/http/index.ts';
import type { Caller, Route } from '../../shared/contract/http/route.ts';
import { accessLogGroup, resourceName } from '../naming.ts';
import type { Settings } from '../settings.ts';
import type { ServiceFunction } from './service-function.ts';
import type { StageContext } from './stage-context.ts';

/**
 * Fields of the access log, one line per request. Paths, queries and headers are left out: they can hold
 * secrets.
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
  authorizerError: '$context.authorizer.error',
  error: '$context.error.responseType',
  principal: '$context.identity.userArn',
  sourceIp: '$context.identity.sourceIp',
};

/** Fields of the access log from the authorizer of users: API Gateway's own, or the function for several issuers. */
const ACCESS_LOG_OF_USERS = {
  one: { user: '$context.authorizer.claims.sub' },
  several: { user: '$context.authorizer.sub', tokenRefusal: '$context.authorizer.refusal' },
};

/** Authorizers of an API's routes. */
export type Authorizers = Readonly<Record<Caller['kind'], IHttpRouteAuthorizer>>;

/** HTTP API that browsers and the flow engine call. */
export class ConnectionsApi extends Construct {
  readonly httpApi: HttpApi;
  readonly #stage: CfnStage;
  readonly #engineThrottle: Settings['throttling']['engine'];
  /** Target of the DNS record of the API's domain; undefined in a stage whose settings have no `apiDomain`. */
  readonly domainTarget: string | undefined;

  constructor(scope: Construct, id: string, { settings, logs }: Pick<StageContext, 'settings' | 'logs'>) {
    super(scope, id);
    this.httpApi = new HttpApi(this, 'Http', {
      apiName: resourceName(settings, 'api'),
      description: `Connections of the flow platform (${settings.stage})`,
      createDefaultStage: false,
      ...(settings.allowedOrigins.length > 0 && { corsPreflight: cors(settings.allowedOrigins) }),
    });
    const log = new LogGroup(this, 'AccessLog', { logGroupName: accessLogGroup(settings), ...logs });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.httpApi,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.throttling.rate, burstLimit: settings.throttling.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(log),
        format: AccessLogFormat.custom(
          JSON.stringify({
            ...ACCESS_LOG,
            ...ACCESS_LOG_OF_USERS[settings.otherIssuers.length === 0 ? 'one' : 'several'],
          }),
        ),
      },
    });
    this.#stage = underlyingStage(stage);
    this.#engineThrottle = settings.throttling.engine;
    this.domainTarget = settings.apiDomain && this.#addDomain(settings.apiDomain, stage);
  }

  /** Routes requests to a function, with the authorizer of the callers that the route declares. */
  addRoute(
    { method, path, caller }: Route,
    operationId: string,
    { fn, authorizers }: { fn: ServiceFunction; authorizers: Authorizers },
  ): void {
    const created = this.httpApi.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration: new HttpLambdaIntegration(`${operationId}Integration`, fn.target, {
        payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      }),
      authorizer: authorizers[caller.kind],
    });
    if (caller.kind === 'engine') this.#throttleApart(`${method} ${path}`, created);
    if (caller.kind !== 'public') return;
    for (const route of created) {
      Validations.of(route).acknowledge({
        id: 'AwsSolutions-APIG4',
        reason: 'The route is declared public: its response is the same for every caller.',
      });
    }
  }

  /** Gives a route the engine's throttle, where the settings have one. */
  #throttleApart(routeKey: string, created: readonly HttpRoute[]): void {
    const throttle = this.#engineThrottle;
    if (!throttle) return;
    const routeSettings = { ThrottlingRateLimit: throttle.rate, ThrottlingBurstLimit: throttle.burst };
    this.#stage.addPropertyOverride(`RouteSettings.${routeKey}`, routeSettings);
    // API Gateway refuses settings of a route that does not exist yet.
    this.#stage.node.addDependency(...created);
  }

  /** Serves the API under a domain, and returns the target of its DNS record. */
  #addDomain({ name, certificateArn }: NonNullable<Settings['apiDomain']>, stage: HttpStage): string {
    const domainName = new DomainName(this, 'Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new ApiMapping(this, 'Mapping', { api: this.httpApi, domainName, stage });
    return domainName.regionalDomainName;
  }

  /** ARN pattern of the runtime routes, on which the flow engine's role needs `execute-api:Invoke`. */
  get engineResource(): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:execute-api:${region}:${account}:${this.httpApi.apiId}/$default/*/v1/runtime/*`;
  }
}

function underlyingStage({ node }: HttpStage): CfnStage {
  const { defaultChild } = node;
  if (!(defaultChild instanceof CfnStage)) throw new Error('The stage has no resource.');
  return defaultChild;
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
