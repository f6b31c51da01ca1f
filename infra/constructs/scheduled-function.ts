import { Duration } from 'aws-cdk-lib';
import { Schedule as Rate, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Construct } from 'constructs';
import type { schedules } from '../../shared/contract/background/index.ts';
import { resourceName } from '../naming.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';

/** EventBridge and Lambda give up on a run once the next ones have taken its work over. */
const RUNS_TO_WAIT = 5;

type Schedule = (typeof schedules)[keyof typeof schedules];

/** A function that the clock starts, and where it is told that a run was given up. */
export class ScheduledFunction extends Construct {
  readonly function: HouseFunction;
  readonly deadLetters: DeadLetterQueue;
  readonly entry: Schedule['entry'];
  readonly everyMinutes: number;

  constructor(scope: Construct, id: string, { house, schedule }: { house: House; schedule: Schedule }) {
    super(scope, id);
    const { entry, everyMinutes, summary, capabilities } = schedule;
    const name = entry.replace('/', '-');
    const giveUp = { retryAttempts: 2, maxEventAge: Duration.minutes(everyMinutes * RUNS_TO_WAIT) };
    this.entry = entry;
    this.everyMinutes = everyMinutes;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: resourceName(house.settings, `${name}-dead-letters`),
      removalPolicy: house.removalPolicy,
    });
    this.function = new HouseFunction(this, 'Function', {
      house,
      entry,
      summary,
      permissions: capabilities,
      timeout: Duration.minutes(1),
      onFailure: new SqsDestination(this.deadLetters),
      ...giveUp,
    });
    new Rule(this, 'Rule', {
      ruleName: resourceName(house.settings, name),
      description: summary,
      schedule: Rate.rate(Duration.minutes(everyMinutes)),
      targets: [new LambdaFunction(this.function, { deadLetterQueue: this.deadLetters, ...giveUp })],
    });
  }
}
