import { eventBus } from '../../../shared/adapters/aws/bus/publisher.ts';
import { notifier } from '../../../shared/adapters/aws/notices/topic.ts';
import { checkQueue } from '../../../shared/adapters/aws/queue/check-queue.ts';
import { callBudget } from '../../../shared/adapters/aws/table/call-budget.ts';
import { historyReader } from '../../../shared/adapters/aws/table/history.ts';
import { idempotencyStore } from '../../../shared/adapters/aws/table/idempotency.ts';
import { lastCheckReader } from '../../../shared/adapters/aws/table/last-checks.ts';
import { memberReader } from '../../../shared/adapters/aws/table/members.ts';
import { onceLog } from '../../../shared/adapters/aws/table/once.ts';
import { checkSchedule, reminderReader } from '../../../shared/adapters/aws/table/schedule.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import type { CheckQueue } from '../../../shared/domain/checks/ports.ts';
import { slotOf } from '../../../shared/domain/checks/slots.ts';
import type { Notice } from '../../../shared/domain/notices/notice.ts';
import type { Ids } from '../../../shared/domain/time.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import type { Scene } from '../protocols/world.ts';
import type { Lent } from './message-clients.ts';

/** The minute of the hour in which all connections here are due, so that one run of the scheduler finds them all. */
export const SLOT = 45;

/** Third parties answer at once, or the line is cut: a provider is not taken for slow because this machine is. */
const TIMEOUT_MS = 60_000;

/** Where a process sends what it sends. */
export interface Places {
  readonly queueUrl: string;
  readonly topicArn: string;
  readonly busName: string;
  readonly providersUrl: string;
}

export type Process = ReturnType<typeof withMessages>;
export type Ports = Process['ports'];

/** A process of a scene, with all that carries messages and asks third parties besides. */
export function withMessages(
  { wire, ports: basic, table }: ReturnType<Scene['process']>,
  lent: Lent,
  { queueUrl: url, topicArn: arn, busName: name, providersUrl: endpointUrl }: Places,
) {
  const ports = {
    ...basic,
    ids: inSlot(basic.ids),
    ...lastCheckReader(table),
    ...checkSchedule(table),
    ...reminderReader(table),
    ...historyReader(table),
    ...memberReader(table),
    ...callBudget(table, basic),
    ...idempotencyStore(table),
    ...onceLog(table),
    ...createVerifier({ endpointUrl, clock: basic.clock, timeoutMs: TIMEOUT_MS }),
    enqueueChecks: (...given: Parameters<CheckQueue['enqueueChecks']>) =>
      checkQueue({ url, client: lent.sqs() }).enqueueChecks(...given),
    sendNotice: (notice: Notice) => notifier({ arn, client: lent.sns() }).sendNotice(notice),
    publishEvents: (events: readonly ConnectionEvent[]) =>
      eventBus({ name, client: lent.eventBridge() }, basic).publishEvents(events),
  };
  return { wire, ports };
}

/** Ids whose connections all have the same slot in the hour. */
function inSlot(ids: Ids): Ids {
  return {
    next() {
      for (;;) {
        const id = ids.next();
        if (slotOf(`con_${id}`, 'hour') === SLOT) return id;
      }
    },
  };
}
