import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from './dead-letter-queue.ts';

export interface WorkQueueProps {
  readonly queueName: string;
  /** How long a worker may take for what it received. */
  readonly workerTimeout: Duration;
  /** After how long a message is of no use to anybody. */
  readonly retentionPeriod: Duration;
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Both as Lambda advises: what a worker holds stays hidden from the others for six of its timeouts, and is given
 * up after five tries.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const TIMEOUTS_HIDDEN = 6;
const TRIES = 5;

/** A queue that a function works off, and where it is put what failed again and again. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;
  readonly workerTimeout: Duration;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { queueName, workerTimeout, retentionPeriod, removalPolicy } = props;
    this.workerTimeout = workerTimeout;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${queueName}-dead-letters`,
      removalPolicy,
    });
    this.queue = new Queue(this, 'Queue', {
      queueName,
      visibilityTimeout: Duration.seconds(workerTimeout.toSeconds() * TIMEOUTS_HIDDEN),
      retentionPeriod,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: TRIES },
      // Messages name connections by their ids alone: nothing here is worth a key that could be disabled.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy,
    });
  }
}
