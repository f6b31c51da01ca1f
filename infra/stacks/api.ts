import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { HttpNoneAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { EventBus, IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { callsProviders } from '../../shared/contract/capabilities.ts';
import { type ConsoleConfig, SIGNED_IN_PATH, SIGNED_OUT_PATH } from '../../shared/contract/console.ts';
import type { TrustedIssuer } from '../../shared/contract/http/authorizers.ts';
import { issueCredentials } from '../../shared/contract/http/engine.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { capabilitiesOf, type Route } from '../../shared/contract/http/route.ts';
import { EventFunction, ScheduledFunction, StreamFunction } from '../constructs/background-functions.ts';
import { ConsoleSite } from '../constructs/console-site.ts';
import { type Authorizers, ConnectionsApi } from '../constructs/http-api.ts';
import { QueueFunction } from '../constructs/queue-function.ts';
import type { NamedQueue } from '../constructs/queues.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import {
  type CodeSource,
  createStageContext,
  type StageContext,
  withConsole,
} from '../constructs/stage-context.ts';
import { createUserAuthorizer } from '../constructs/user-authorizer.ts';
import { WebClient } from '../constructs/user-pool.ts';
import type { FunctionNetwork } from '../existing-parts.ts';
import type { Settings } from '../settings.ts';
import type { DataStack } from './data.ts';
import type { MessagesStack } from './messages.ts';

/** API Gateway ends a request after 30 seconds, whatever its function does. */
const PROVIDER_CALL_TIMEOUT = Duration.seconds(29);
const REQUEST_TIMEOUT = Duration.seconds(10);

interface ApiStackProps extends StackProps {
  readonly settings: Settings;
  readonly data: DataStack;
  readonly messages: MessagesStack;
  readonly codeFor: CodeSource;
  readonly network: FunctionNetwork | undefined;
}

/** HTTP API and all functions: one for each declared route, schedule, worker and event handler. */
export class ApiStack extends Stack {
  readonly api: ConnectionsApi;
  /** Undefined in a stage whose settings have no `console`. */
  readonly console: Console | undefined;
  readonly functions: readonly ServiceFunction[];
  readonly scheduledFunctions: readonly ScheduledFunction[];
  readonly streamFunctions: readonly StreamFunction[];
  /** Dead-letter queues, each with the name of the function whose failures it receives. */
  readonly deadLetterQueues: readonly NamedQueue[];

  constructor(
    scope: Construct,
    id: string,
    { settings, data, messages, codeFor, network, ...props }: ApiStackProps,
  ) {
    super(scope, id, props);
    const stageContext = createStageContext(this, {
      settings,
      codeFor,
      network,
      ...grantTargets(data, messages),
      tableStreamArn: data.tableStreamArn,
    });
    this.api = new ConnectionsApi(this, 'Api', stageContext);
    this.console = addConsole(this, { context: stageContext, api: this.api, data });
    const context = this.console ? withConsole(stageContext, this.console.site.url) : stageContext;
    const identity = withClient(data.identity, this.console?.userPoolClient);
    const users = createUserAuthorizer(this, context, [identity, ...settings.otherIssuers]);
    const authorizers = {
      user: users.authorizer,
      engine: new HttpIamAuthorizer(),
      public: new HttpNoneAuthorizer(),
    };
    const httpFunctions = createHttpFunctions(this, context, { api: this.api, authorizers });
    const { sendDigests, ...otherSchedules } = schedules;
    this.scheduledFunctions = mapDeclarations(
      settings.notices ? { ...otherSchedules, sendDigests } : otherSchedules,
      (id, schedule) => new ScheduledFunction(this, id, { context, schedule }),
    );
    this.streamFunctions = mapDeclarations(
      streamWorkers,
      (id, worker) => new StreamFunction(this, id, { context, worker }),
    );
    const queueFunction = new QueueFunction(this, 'CheckConnections', {
      context,
      worker: queueWorkers.checkConnections,
      source: messages.checks,
      maxConcurrency: settings.checks.concurrency,
    });
    const eventFunctions = createEventFunctions(this, context, messages.events.bus);
    const withDeadLetters = [...this.scheduledFunctions, ...this.streamFunctions, ...eventFunctions];
    this.deadLetterQueues = withDeadLetters.map(({ function: fn, deadLetterQueue }) => ({
      name: fn.shortName,
      queue: deadLetterQueue,
    }));
    const background = [
      ...this.scheduledFunctions,
      ...this.streamFunctions,
      queueFunction,
      ...eventFunctions,
    ];
    this.functions = [...users.functions, ...httpFunctions, ...background.map(({ function: fn }) => fn)];
    addOutputs(this, this.api, { identity, settings });
  }
}

function grantTargets(data: DataStack, messages: MessagesStack) {
  const { table, indexArn, tableKey, secretsKey, dataKeySecret, credentialsKeySecret } = data;
  return {
    table,
    indexArn,
    tableKey,
    secretsKey,
    dataKeySecret,
    credentialsKeySecret,
    checksQueue: messages.checks.queue,
    bus: messages.events.bus,
    noticesTopic: messages.noticesTopic,
    messagesKey: messages.key,
  };
}

function createHttpFunctions(
  scope: Construct,
  context: StageContext,
  { api, authorizers }: { api: ConnectionsApi; authorizers: Authorizers },
): readonly ServiceFunction[] {
  return mapDeclarations<Route, ServiceFunction>(routes, (id, route) => {
    const fn = new ServiceFunction(scope, id, {
      context,
      entry: `http/${route.entry}`,
      summary: `${route.routeKey}: ${route.summary}`,
      capabilities: capabilitiesOf(route),
      timeout: callsProviders(route.capabilities) ? PROVIDER_CALL_TIMEOUT : REQUEST_TIMEOUT,
      ...(route === issueCredentials && reservation(context)),
    });
    api.addRoute(route, id, { fn, authorizers });
    return fn;
  });
}

/** Returns the Lambda concurrency that the settings keep for issuing credentials, if any. */
function reservation({ settings }: StageContext) {
  const { reservedConcurrency } = settings.throttling.engine ?? {};
  return reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency };
}

/** Web console of a stage, and its client at the issuer. */
interface Console {
  readonly site: ConsoleSite;
  readonly config: ConsoleConfig;
  /** Client in the stage's own user pool; undefined where the settings name one of another issuer. */
  readonly userPoolClient: WebClient | undefined;
}

/** Adds the distribution of the console, and its client where the stage has a user pool. */
function addConsole(
  scope: Construct,
  { context, api, data }: { context: StageContext; api: ConnectionsApi; data: DataStack },
): Console | undefined {
  const { console, identity } = context.settings;
  if (!console) return undefined;
  const { userPool } = data;
  const issuerOrigins = [
    ...(identity ? [new URL(identity.issuer).origin] : []),
    ...(userPool?.origins ?? []),
    ...console.issuerOrigins,
  ];
  const { httpApi } = api;
  const site = new ConsoleSite(scope, 'Console', { context, console, httpApi, issuerOrigins });
  const userPoolClient =
    userPool &&
    new WebClient(scope, 'ConsoleClient', userPool.pool, {
      callbackUrls: [`${site.url}${SIGNED_IN_PATH}`],
      logoutUrls: [`${site.url}${SIGNED_OUT_PATH}`],
    });
  const clientId = userPoolClient?.clientId ?? console.clientId;
  if (clientId === undefined) throw new Error('The console has no client.');
  const { issuer } = data.identity;
  return { site, userPoolClient, config: { apiUrl: site.url, issuer, clientId, scope: console.scope } };
}

function withClient({ audience, ...issuer }: TrustedIssuer, client: WebClient | undefined): TrustedIssuer {
  return { ...issuer, audience: client ? [...audience, client.clientId] : audience };
}

/** Creates the function that sends notices, if the settings have `notices`. */
function createEventFunctions(
  scope: Construct,
  context: StageContext,
  bus: EventBus | IEventBus,
): readonly EventFunction[] {
  if (context.settings.notices === undefined) return [];
  return [new EventFunction(scope, 'Notify', { context, handler: eventHandlers.notify, bus })];
}

function addOutputs(
  scope: Construct,
  api: ConnectionsApi,
  { identity: { issuer, audience }, settings }: { identity: TrustedIssuer; settings: Settings },
): void {
  new CfnOutput(scope, 'ApiUrl', { value: api.httpApi.apiEndpoint });
  if (api.domainTarget !== undefined) {
    new CfnOutput(scope, 'ApiDomainTarget', {
      value: api.domainTarget,
      description: "Target of the DNS record of the API's domain",
    });
  }
  new CfnOutput(scope, 'EngineResource', {
    value: api.engineResource,
    description: "Resource of execute-api:Invoke in the policy of the flow engine's role",
  });
  new CfnOutput(scope, 'OAuthCallback', {
    value: `${settings.apiUrl ?? api.httpApi.apiEndpoint}/v1/oauth/callback/<client>`,
    description: "Redirect URI to register at a provider, with the OAuth client's name at its end",
  });
  new CfnOutput(scope, 'Issuer', { value: issuer });
  new CfnOutput(scope, 'Audience', { value: audience.join(',') });
}

/** Maps each declaration to a construct, whose id is the declaration's name in PascalCase. */
function mapDeclarations<D, C>(
  declarations: Readonly<Record<string, D>>,
  create: (id: string, declaration: D) => C,
): readonly C[] {
  return Object.entries(declarations).map(([name, declaration]) =>
    create(name.charAt(0).toUpperCase() + name.slice(1), declaration),
  );
}
