import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { routes } from '../../shared/contract/http/index.ts';
import type { Route } from '../../shared/contract/http/route.ts';
import type { NamedQueue } from '../constructs/dead-letter-queue.ts';
import { EventFunction } from '../constructs/event-function.ts';
import { type House, type HouseProps, houseFor } from '../constructs/house.ts';
import { HouseFunction } from '../constructs/house-function.ts';
import { ConnectionsApi } from '../constructs/http-api.ts';
import { QueueFunction } from '../constructs/queue-function.ts';
import { ScheduledFunction } from '../constructs/scheduled-function.ts';
import { StreamFunction } from '../constructs/stream-function.ts';
import { routePermissions } from '../grants.ts';
import { resourceName } from '../naming.ts';

/** API Gateway answers for a function that takes longer than 30 seconds, whatever it does afterwards. */
const MOST_OF_A_REQUEST = Duration.seconds(29);
const USUAL_REQUEST = Duration.seconds(10);

/** Everything that runs: a function for each route, schedule, worker and event handler that is declared. */
export class ApiStack extends Stack {
  readonly api: ConnectionsApi;
  readonly httpFunctions: readonly HouseFunction[];
  readonly functions: readonly HouseFunction[];
  readonly scheduled: readonly ScheduledFunction[];
  readonly streaming: readonly StreamFunction[];
  readonly checking: QueueFunction;
  /** Where the settings switch notices on. */
  readonly notifying: EventFunction | undefined;
  /** Where that ends which was given up, by the name of the function that did not manage it. */
  readonly deadLetters: readonly NamedQueue[];

  constructor(scope: Construct, { settings, data, messages, codeOf, ...props }: HouseProps & StackProps) {
    super(scope, resourceName(settings, 'api'), props);
    const house = houseFor(this, { settings, data, messages, codeOf });
    const { identity } = data;
    const api = new ConnectionsApi(this, 'Api', { house, identity });
    this.api = api;
    this.httpFunctions = each<Route, HouseFunction>(routes, (operationId, route) => {
      const by = routeFunction(this, operationId, route, house);
      api.answer(route, operationId, by);
      return by;
    });
    this.scheduled = each(schedules, (id, schedule) => new ScheduledFunction(this, id, { house, schedule }));
    this.streaming = each(streamWorkers, (id, worker) => new StreamFunction(this, id, { house, worker }));
    this.checking = new QueueFunction(this, 'CheckConnections', {
      house,
      worker: queueWorkers.checkConnections,
      source: messages.checks,
      maxConcurrency: settings.checks.concurrency,
    });
    this.notifying =
      settings.notices &&
      new EventFunction(this, 'Notify', { house, handler: eventHandlers.notify, bus: messages.events.bus });
    const background = [...this.scheduled, ...this.streaming, this.checking, this.notifying ?? []].flat();
    this.deadLetters = [...this.scheduled, ...this.streaming, this.notifying ?? []]
      .flat()
      .map((one) => ({ name: one.function.title, queue: one.deadLetters }));
    this.functions = [...this.httpFunctions, ...background.map((one) => one.function)];
    new CfnOutput(this, 'ApiUrl', { value: api.api.apiEndpoint });
    new CfnOutput(this, 'EngineResource', {
      value: api.engineResource,
      description: "What the flow engine's role needs execute-api:Invoke on",
    });
    new CfnOutput(this, 'Issuer', { value: identity.issuer });
    new CfnOutput(this, 'Audience', { value: identity.audience.join(',') });
  }
}

function routeFunction(scope: Construct, operationId: string, route: Route, house: House): HouseFunction {
  return new HouseFunction(scope, operationId, {
    house,
    entry: `http/${route.entry}`,
    summary: `${route.method} ${route.path}: ${route.summary}`,
    permissions: routePermissions(route),
    timeout: route.capabilities.includes('providers:call') ? MOST_OF_A_REQUEST : USUAL_REQUEST,
  });
}

function each<D, C>(declared: Readonly<Record<string, D>>, make: (id: string, one: D) => C): readonly C[] {
  return Object.entries(declared).map(([name, one]) =>
    make(name.charAt(0).toUpperCase() + name.slice(1), one),
  );
}
