import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { QueueWorker } from '../../shared/contract/background/index.ts';
import type { WorkQueue } from './queues.ts';
import { ServiceFunction } from './service-function.ts';
import type { StageContext } from './stage-context.ts';

interface QueueFunctionProps {
  readonly context: StageContext;
  readonly worker: QueueWorker;
  readonly source: WorkQueue;
  /** Concurrent invocations. The event source mapping holds this limit, so no message is received in vain. */
  readonly maxConcurrency: number;
}

/**
 * Function that receives messages from a queue and reports each failed message of a batch, which SQS then
 * redelivers.
 *
 * Recursion is allowed: the worker re-enqueues checks while their provider asks it to wait, and Lambda would
 * stop such a loop after about 16 rounds.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export class QueueFunction extends Construct {
  readonly function: ServiceFunction;

  constructor(scope: Construct, id: string, props: QueueFunctionProps) {
    super(scope, id);
    const { context, worker, source, maxConcurrency } = props;
    const { entry, batchSize, summary, capabilities } = worker;
    const { queueArn } = source.queue;
    this.function = new ServiceFunction(this, 'Function', {
      context,
      entry,
      summary,
      capabilities,
      timeout: source.workerTimeout,
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
    this.function.addToRolePolicy(new PolicyStatement({ actions, resources: [queueArn] }));
    new EventSourceMapping(this, 'Source', {
      target: this.function.target,
      eventSourceArn: queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
