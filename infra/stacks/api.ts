import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { capabilitiesOf, type Route } from '../../shared/contract/http/route.ts';
import { EventFunction, ScheduledFunction, StreamFunction } from '../constructs/background-functions.ts';
import { ConnectionsApi } from '../constructs/http-api.ts';
import { QueueFunction } from '../constructs/queue-function.ts';
import type { NamedQueue } from '../constructs/queues.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { type CodeSource, createStageContext, type StageContext } from '../constructs/stage-context.ts';
import type { Identity } from '../constructs/user-pool.ts';
import { resourceName } from '../naming.ts';
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
}

/** HTTP API and all functions: one for each declared route, schedule, worker and event handler. */
export class ApiStack extends Stack {
  readonly api: ConnectionsApi;
  readonly functions: readonly ServiceFunction[];
  readonly scheduledFunctions: readonly ScheduledFunction[];
  readonly streamFunctions: readonly StreamFunction[];
  /** Dead-letter queues, each with the name of the function whose failures it receives. */
  readonly deadLetterQueues: readonly NamedQueue[];

  constructor(scope: Construct, { settings, data, messages, codeFor, ...props }: ApiStackProps) {
    super(scope, resourceName(settings, 'api'), props);
    const { identity } = data;
    const context = createStageContext(this, {
      settings,
      codeFor,
      ...grantTargets(data, messages),
      tableStreamArn: data.tableStreamArn,
    });
    this.api = new ConnectionsApi(this, 'Api', { context, identity });
    const httpFunctions = createHttpFunctions(this, context, this.api);
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
    this.functions = [...httpFunctions, ...background.map(({ function: fn }) => fn)];
    addOutputs(this, this.api, { identity, settings });
  }
}

function grantTargets({ table, tableKey, secretsKey, dataKeySecret }: DataStack, messages: MessagesStack) {
  return {
    table,
    tableKey,
    secretsKey,
    dataKeySecret,
    checksQueue: messages.checks.queue,
    bus: messages.events.bus,
    noticesTopic: messages.noticesTopic,
    messagesKey: messages.key,
  };
}

function createHttpFunctions(
  scope: Construct,
  context: StageContext,
  api: ConnectionsApi,
): readonly ServiceFunction[] {
  return mapDeclarations<Route, ServiceFunction>(routes, (id, route) => {
    const fn = new ServiceFunction(scope, id, {
      context,
      entry: `http/${route.entry}`,
      summary: `${route.method} ${route.path}: ${route.summary}`,
      capabilities: capabilitiesOf(route),
      timeout: route.capabilities.includes('providers:call') ? PROVIDER_CALL_TIMEOUT : REQUEST_TIMEOUT,
    });
    api.addRoute(route, id, fn);
    return fn;
  });
}

/** Creates the function that sends notices, if the settings have `notices`. */
function createEventFunctions(
  scope: Construct,
  context: StageContext,
  bus: EventBus,
): readonly EventFunction[] {
  if (context.settings.notices === undefined) return [];
  return [new EventFunction(scope, 'Notify', { context, handler: eventHandlers.notify, bus })];
}

function addOutputs(
  scope: Construct,
  api: ConnectionsApi,
  { identity: { issuer, audience }, settings }: { identity: Identity; settings: Settings },
): void {
  new CfnOutput(scope, 'ApiUrl', { value: api.httpApi.apiEndpoint });
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
