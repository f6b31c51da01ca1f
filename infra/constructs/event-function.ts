import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Construct } from 'constructs';
import type { EventHandler } from '../../shared/contract/background/index.ts';
import { resourceName } from '../naming.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';

/** Lambda keeps an event that it could not hand to the function for so long; EventBridge tries for the same time. */
const GIVE_UP_AFTER = Duration.hours(6);
/** As often as EventBridge tries at all. Lambda tries what the function failed for twice more. */
const DELIVERIES = 185;
const RUNS_AGAIN = 2;

/** Shorter than anybody's claim to do what is done once (shared/domain/once.ts). */
const TIMEOUT = Duration.seconds(30);

export interface EventFunctionProps {
  readonly house: House;
  readonly handler: EventHandler;
  readonly bus: EventBus;
}

/** A function that events of the bus start, and where those go that it was not to be had for. */
export class EventFunction extends Construct {
  readonly function: HouseFunction;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { house, handler, bus }: EventFunctionProps) {
    super(scope, id);
    const { entry, pattern, summary, capabilities } = handler;
    const name = resourceName(house.settings, entry.replace('/', '-'));
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${name}-dead-letters`,
      removalPolicy: house.removalPolicy,
    });
    this.function = new HouseFunction(this, 'Function', {
      house,
      entry,
      summary,
      permissions: capabilities,
      timeout: TIMEOUT,
      onFailure: new SqsDestination(this.deadLetters),
      retryAttempts: RUNS_AGAIN,
      maxEventAge: GIVE_UP_AFTER,
    });
    const target = new LambdaFunction(this.function, {
      deadLetterQueue: this.deadLetters,
      retryAttempts: DELIVERIES,
      maxEventAge: GIVE_UP_AFTER,
    });
    new Rule(this, 'Rule', {
      ruleName: name,
      description: summary,
      eventBus: bus,
      eventPattern: { source: [...pattern.source], detailType: [...pattern['detail-type']] },
      targets: [target],
    });
  }
}
