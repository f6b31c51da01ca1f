import { Duration } from 'aws-cdk-lib';
import { type EventBus, type IEventBus, Rule, Schedule as RuleSchedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  type EventInvokeConfigOptions,
  EventSourceMapping,
  FilterCriteria,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { EventHandler, schedules, streamWorkers } from '../../shared/contract/background/index.ts';
import { resourceName } from '../naming.ts';
import { tableKeyForReads } from '../statements.ts';
import { DeadLetterQueue } from './queues.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageContext } from './stage-context.ts';

type Schedule = (typeof schedules)[keyof typeof schedules];
type StreamWorker = (typeof streamWorkers)[keyof typeof streamWorkers];

interface BackgroundFunctionProps {
  readonly context: StageContext;
  readonly declaration: Schedule | StreamWorker | EventHandler;
  readonly timeout: Duration;
  /** Lambda's retries of asynchronous invocations. @default the function is invoked synchronously. */
  readonly asyncRetries?: Pick<EventInvokeConfigOptions, 'retryAttempts' | 'maxEventAge'>;
}

/** Function that no request invokes, with its own dead-letter queue for events that it fails to process. */
abstract class BackgroundFunction extends Construct {
  readonly function: ServiceFunction;
  readonly deadLetterQueue: DeadLetterQueue;
  /** Name of the function's rule and prefix of its queue's name: `connections-prod-events-notify`. */
  protected readonly ruleName: string;

  constructor(scope: Construct, id: string, props: BackgroundFunctionProps) {
    super(scope, id);
    const { context, declaration, timeout, asyncRetries } = props;
    const { entry, summary, capabilities } = declaration;
    this.ruleName = resourceName(context.settings, entry.replace('/', '-'));
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', { sourceName: this.ruleName });
    this.function = new ServiceFunction(this, 'Function', {
      context,
      entry,
      summary,
      capabilities,
      timeout,
      ...(asyncRetries && { onFailure: new SqsDestination(this.deadLetterQueue), ...asyncRetries }),
    });
  }
}

/** EventBridge and Lambda retry a run for as many intervals; any later run does all the work that is due. */
const RETRIED_INTERVALS = 5;

/** Function that an EventBridge rule starts at a fixed rate. */
export class ScheduledFunction extends BackgroundFunction {
  readonly entry: Schedule['entry'];
  readonly everyMinutes: number;

  constructor(scope: Construct, id: string, props: { context: StageContext; schedule: Schedule }) {
    const { context, schedule } = props;
    const { entry, everyMinutes, summary } = schedule;
    const retries = { retryAttempts: 2, maxEventAge: Duration.minutes(everyMinutes * RETRIED_INTERVALS) };
    super(scope, id, {
      context,
      declaration: schedule,
      timeout: Duration.minutes(1),
      asyncRetries: retries,
    });
    this.entry = entry;
    this.everyMinutes = everyMinutes;
    new Rule(this, 'Rule', {
      ruleName: this.ruleName,
      description: summary,
      schedule: RuleSchedule.rate(Duration.minutes(everyMinutes)),
      targets: [
        new LambdaTarget(this.function.target, { deadLetterQueue: this.deadLetterQueue, ...retries }),
      ],
    });
  }
}

/** Longest time that Lambda keeps an asynchronous event; EventBridge retries its delivery for as long. */
const MAX_EVENT_AGE = Duration.hours(6);
/** The most that EventBridge allows, and the most that Lambda does. */
const DELIVERY_RETRIES = 185;
const INVOCATION_RETRIES = 2;
/** Shorter than the 60 s for which a run claims a notice, so that no run outlives its claim. */
const EVENT_TIMEOUT = Duration.seconds(30);

/** Function that a rule on the event bus invokes. */
export class EventFunction extends BackgroundFunction {
  constructor(
    scope: Construct,
    id: string,
    props: { context: StageContext; handler: EventHandler; bus: EventBus | IEventBus },
  ) {
    const { context, handler, bus } = props;
    super(scope, id, {
      context,
      declaration: handler,
      timeout: EVENT_TIMEOUT,
      asyncRetries: { retryAttempts: INVOCATION_RETRIES, maxEventAge: MAX_EVENT_AGE },
    });
    const target = new LambdaTarget(this.function.target, {
      deadLetterQueue: this.deadLetterQueue,
      retryAttempts: DELIVERY_RETRIES,
      maxEventAge: MAX_EVENT_AGE,
    });
    new Rule(this, 'Rule', {
      ruleName: this.ruleName,
      description: handler.summary,
      eventBus: bus,
      eventPattern: { source: [...handler.pattern.source], detailType: [...handler.pattern['detail-type']] },
      targets: [target],
    });
  }
}

/**
 * Age at which a stream record goes to the dead-letter queue. The queue receives the record's position, and
 * the stream keeps the record itself for 24 hours, so operators have 18 hours to fetch it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const MAX_RECORD_AGE = Duration.hours(6);
/** Outlasts minutes of a dependency's downtime, without a bad record blocking its shard for hours. */
const RECORD_RETRIES = 30;

/** Function that reads the table's stream. A failing record delays its batch and shard only briefly. */
export class StreamFunction extends BackgroundFunction {
  readonly entry: StreamWorker['entry'];

  constructor(scope: Construct, id: string, props: { context: StageContext; worker: StreamWorker }) {
    const { context, worker } = props;
    super(scope, id, { context, declaration: worker, timeout: Duration.minutes(1) });
    this.entry = worker.entry;
    for (const statement of allowReadingStream(context)) this.function.addToRolePolicy(statement);
    new EventSourceMapping(this, 'Source', {
      target: this.function.target,
      eventSourceArn: context.tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: worker.filters.map((filter) => FilterCriteria.filter(filter)),
      batchSize: 25,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: RECORD_RETRIES,
      maxRecordAge: MAX_RECORD_AGE,
      onFailure: new SqsDlq(this.deadLetterQueue),
    });
  }
}

function allowReadingStream({ tableStreamArn, grantTargets }: StageContext): readonly PolicyStatement[] {
  const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    new PolicyStatement({ actions, resources: [tableStreamArn] }),
    new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
    tableKeyForReads(grantTargets),
  ];
}
