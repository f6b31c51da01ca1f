import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/**
 * Visibility timeout, in timeouts of the worker. Lambda recommends at least six of them, and at least five
 * receives.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_TIMEOUTS = 6;
const MAX_RECEIVE_COUNT = 5;

interface DeadLetterQueueProps {
  /**
   * Name of the queue, rule or function that the messages come from; the queue's name adds `-dead-letters`.
   */
  readonly sourceName: string;
}

/**
 * Dead-letter queue. It keeps messages for 14 days, the most that SQS allows, so that operators have time to
 * act. It goes with its stack: a queue that stayed would be in the way of the next deployment, because CloudFormation
 * does not import queues by their names (docs/decisions/0038-coming-back.md).
 */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string, { sourceName }: DeadLetterQueueProps) {
    super(scope, id, {
      queueName: `${sourceName}-dead-letters`,
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'This is a dead-letter queue of a Lambda destination, an EventBridge target or bus, or a queue.',
    });
  }
}

/** Dead-letter queue and the short name of its source, which names its alarm. */
export interface NamedQueue {
  readonly name: string;
  readonly queue: DeadLetterQueue;
}

interface WorkQueueProps {
  readonly queueName: string;
  /** Timeout of the function that receives the messages. */
  readonly workerTimeout: Duration;
  /** Age at which a message is of no more use and SQS deletes it. */
  readonly retentionPeriod: Duration;
}

/** Queue of a worker function, with a dead-letter queue for messages that fail repeatedly. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: DeadLetterQueue;
  readonly workerTimeout: Duration;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const { queueName, workerTimeout, retentionPeriod } = props;
    this.workerTimeout = workerTimeout;
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetters', { sourceName: queueName });
    this.queue = new Queue(this, 'Queue', {
      queueName,
      visibilityTimeout: Duration.seconds(workerTimeout.toSeconds() * VISIBILITY_TIMEOUTS),
      retentionPeriod,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
      // Messages hold only ids, which need no customer-managed key.
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
  }
}
