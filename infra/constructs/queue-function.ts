import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { QueueWorker } from '../../shared/contract/background/index.ts';
import type { House } from './house.ts';
import { HouseFunction } from './house-function.ts';
import type { WorkQueue } from './work-queue.ts';

export interface QueueFunctionProps {
  readonly house: House;
  readonly worker: QueueWorker;
  readonly source: WorkQueue;
  /** How many of it run at once. Held by the mapping: it takes no more than it can hand on. */
  readonly maxConcurrency: number;
}

/**
 * A function that works off a queue. Of a batch, what failed comes again and the rest does not.
 *
 * It may send a message back to its own queue as often as it likes: Lambda would take that for a mistake after 16
 * times, and a provider that asks for patience is met more often than that before the next turn ends it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export class QueueFunction extends Construct {
  readonly function: HouseFunction;
  readonly source: WorkQueue;

  constructor(scope: Construct, id: string, { house, worker, source, maxConcurrency }: QueueFunctionProps) {
    super(scope, id);
    const { entry, batchSize, summary, capabilities } = worker;
    const { queueArn } = source.queue;
    this.source = source;
    this.function = new HouseFunction(this, 'Function', {
      house,
      entry,
      summary,
      permissions: capabilities,
      timeout: source.workerTimeout,
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    const actions = ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'];
    this.function.addToRolePolicy(new PolicyStatement({ actions, resources: [queueArn] }));
    new EventSourceMapping(this, 'Source', {
      target: this.function,
      eventSourceArn: queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
