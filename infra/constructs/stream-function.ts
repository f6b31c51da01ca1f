import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { streamWorkers } from '../../shared/contract/background/index.ts';
import { resourceName } from '../naming.ts';
import { tableKeyForReads } from '../statements.ts';
import { DeadLetterQueue } from './dead-letter-queue.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';

/**
 * A record is given up after six hours: a stream keeps it for 24, so that people have 18 to fetch it by what
 * the dead letter tells.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const GIVE_UP_AFTER = Duration.hours(6);

/** A service that is down for minutes is outlasted; a record that is at fault itself does not hold up its shard for hours. */
const TRIES_AGAIN = 30;

type StreamWorker = (typeof streamWorkers)[keyof typeof streamWorkers];

/** A function that the table's stream feeds. One bad record holds up neither its batch nor its shard for long. */
export class StreamFunction extends Construct {
  readonly entry: StreamWorker['entry'];
  readonly function: HouseFunction;
  readonly deadLetters: DeadLetterQueue;

  constructor(scope: Construct, id: string, { house, worker }: { house: House; worker: StreamWorker }) {
    super(scope, id);
    const { entry, filter, summary, capabilities } = worker;
    this.entry = entry;
    this.deadLetters = deadLetters(
      this,
      resourceName(house.settings, entry.replace('/', '-')),
      house.removalPolicy,
    );
    this.function = new HouseFunction(this, 'Function', {
      house,
      entry,
      summary,
      permissions: capabilities,
      timeout: Duration.minutes(1),
    });
    for (const statement of readingTheStream(house)) this.function.addToRolePolicy(statement);
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: house.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      filters: [FilterCriteria.filter(filter)],
      batchSize: 25,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: TRIES_AGAIN,
      maxRecordAge: GIVE_UP_AFTER,
      onFailure: new SqsDlq(this.deadLetters),
    });
  }
}

function deadLetters(scope: Construct, name: string, removalPolicy: RemovalPolicy): DeadLetterQueue {
  return new DeadLetterQueue(scope, 'DeadLetters', { queueName: `${name}-dead-letters`, removalPolicy });
}

function readingTheStream(house: House): readonly PolicyStatement[] {
  const actions = ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'];
  return [
    new PolicyStatement({ actions, resources: [house.streamArn] }),
    new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
    tableKeyForReads(house.grantTargets),
  ];
}
