import { minuteOf, startOf } from '../../../shared/domain/checks/slots.ts';
import { timestamp } from '../../../shared/domain/operation-context.ts';
import { PROJECT, type SimulatedDeployment } from '../../harness/deployment.ts';
import { runWorker } from '../../harness/invocations.ts';
import { type Ports, type Process, SLOT } from '../../harness/process.ts';
import type { Message } from '../../harness/timed-queue.ts';

/** SQS moves a message to the dead-letter queue after this many deliveries. */
const MAX_DELIVERIES = 5;

/** Enqueues a check of connections of one provider for the current minute, and returns its scheduled time. */
export async function enqueueCheck(
  deployment: SimulatedDeployment,
  providerId: string,
  ids: readonly string[],
): Promise<string> {
  const scheduledFor = timestamp(startOf(minuteOf(deployment.now())));
  const connections = ids.map((connectionId) => ({ projectId: PROJECT, connectionId }));
  const batch = { scheduledFor, correlationId: 'test', providerId, connections };
  await deployment.faultless.checkQueue.enqueue([batch]);
  return scheduledFor;
}

/**
 * Advances the clock to the next minute in which the connections are due, as if the scheduler had found nothing due in
 * the minutes before.
 *
 * @returns the scheduled time.
 */
export async function advanceToSlot(deployment: SimulatedDeployment): Promise<string> {
  const minute = minuteOf(deployment.now());
  const due = minute + ((SLOT - (minute % 60) + 60) % 60 || 60);
  deployment.advance((startOf(due).getTime() - deployment.now().getTime()) / 1000);
  await deployment.faultless.schedule.advanceCheckpoint(due - 1);
  return timestamp(startOf(due));
}

/** Delivers messages to a worker once, and deletes the handled ones. Returns the ids of those that SQS redelivers. */
export async function deliver(
  { queue }: SimulatedDeployment,
  messages: readonly Message[],
  ports: Ports,
): Promise<ReadonlySet<string>> {
  const failed = await runWorker(messages, ports);
  for (const message of messages) if (!failed.has(message.messageId)) queue.delete(message);
  return failed;
}

/** Delivers every ready message to one process. Returns false when some are to be redelivered, as after a crash. */
export async function deliverReady(
  { queue }: SimulatedDeployment,
  { ports, injector }: Process,
): Promise<boolean> {
  const messages = queue.ready();
  const failed = await runWorker(messages, ports);
  if (injector.crashed) return false;
  for (const message of messages) if (!failed.has(message.messageId)) queue.delete(message);
  return failed.size === 0;
}

/**
 * Delivers until the queue is empty; delayed messages are delivered at their time.
 *
 * @throws Error when SQS would move a message to the dead-letter queue.
 */
export async function drain(deployment: SimulatedDeployment): Promise<void> {
  const { queue, faultless } = deployment;
  const deliveries = new Map<string, number>();
  while (queue.advanceToNext()) {
    for (const message of queue.ready()) {
      const count = (deliveries.get(message.messageId) ?? 0) + 1;
      if (count > MAX_DELIVERIES) throw new Error(`A message is dead: ${message.body}`);
      deliveries.set(message.messageId, count);
      await deliver(deployment, [message], faultless);
    }
  }
}
