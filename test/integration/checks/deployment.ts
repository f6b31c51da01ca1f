import { lambdaContext } from '../../../local/api-gateway/lambda-context.ts';
import { recordOf } from '../../../local/queue/event-source.ts';
import { checkQueue } from '../../../shared/adapters/aws/queue/check-queue.ts';
import { checkAgenda, milestoneReader } from '../../../shared/adapters/aws/table/agenda.ts';
import { callBudget } from '../../../shared/adapters/aws/table/call-budget.ts';
import { checkReader } from '../../../shared/adapters/aws/table/check-ledger.ts';
import { historyReader } from '../../../shared/adapters/aws/table/history.ts';
import { memberReader } from '../../../shared/adapters/aws/table/members.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { enqueueDueChecks } from '../../../shared/domain/checks/enqueue-due.ts';
import { minuteOf, slotOf, startOf } from '../../../shared/domain/checks/slots.ts';
import { connectIntegration } from '../../../shared/domain/flows/connect.ts';
import { saveFlow } from '../../../shared/domain/flows/save.ts';
import type { Ids } from '../../../shared/domain/time.ts';
import { checkBatchMessage } from '../../../shared/events/check-batch.ts';
import { queueWorkers } from '../../../shared/routes/background.ts';
import { onQueue } from '../../../shared/runtime/background/queue.ts';
import type { Plan } from '../../fixtures/faults.ts';
import { PROJECT, person, type Scene, type World } from '../protocols/world.ts';
import type { Message, QueueService, TimedQueue } from './queue.ts';
import { credentialsNamed, Services } from './services.ts';

/** The minute of the hour in which all connections here are due, so that one run of the scheduler finds them all. */
const SLOT = 45;
const MINUTE_SECONDS = 60;
/** After so many deliveries SQS puts a message aside. */
const TRIES = 5;
const IAM = { accessKeyId: 'made-up', secretAccessKey: 'made-up', region: 'eu-west-1', userArn: 'arn' };

export type Ports = ReturnType<Deployment['process']>['ports'];

/** A deployment with all that checks need: a scene, a queue and third parties. */
export class Deployment {
  readonly scene: Scene;
  readonly queue: TimedQueue;
  readonly services: Services;
  #sound: Ports | undefined;

  private constructor(scene: Scene, queue: TimedQueue) {
    this.scene = scene;
    this.queue = queue;
    this.services = new Services(() => scene.clock.now().getTime());
  }

  /** Plays in a deployment of its own. */
  static play<T>(
    world: World,
    queues: QueueService,
    play: (deployment: Deployment) => Promise<T>,
  ): Promise<T> {
    return world.play((scene) =>
      queues.queue(scene.name, scene.clock, (queue) => play(new Deployment(scene, queue))),
    );
  }

  /** Starts a process: new clients and no memory of any other. */
  process(plan: Plan = {}) {
    const { wire, ports: basic, table } = this.scene.process(plan);
    const ports = {
      ...basic,
      ids: inSlot(basic.ids),
      ...checkReader(table),
      ...checkAgenda(table),
      ...milestoneReader(table),
      ...historyReader(table),
      ...memberReader(table),
      ...callBudget(table, basic),
      ...checkQueue(this.queue.open(wire, plan.faults !== undefined)),
      ...wire.carryVerifier(this.services.verifier),
    };
    return { wire, ports };
  }

  /** A process that nothing befalls, for what is not under test. */
  get sound(): Ports {
    this.#sound ??= this.process().ports;
    return this.#sound;
  }

  now(): Date {
    return this.scene.clock.now();
  }

  advance(seconds: number): void {
    this.scene.clock.advance(seconds);
  }

  /** Makes a connection in a flow of its own, with credentials that go by the name of who brings them. */
  async connect(providerId: string, by: string, expiresAt?: string, projectId = PROJECT) {
    const flow = { projectId, flowId: `flow-${by}` };
    await saveFlow({ ...flow, name: by }, this.sound);
    const credentials = credentialsNamed(providerId, by);
    const connection = await connectIntegration(
      { ...flow, stepId: 'step', providerId, credentials, expiresAt, actor: person(by) },
      this.sound,
    );
    return connection.id;
  }

  /**
   * Goes on to the minute in which the connections are due, one after the last in which the scheduler ran; the
   * minutes before found nothing due.
   *
   * @returns the turn.
   */
  async untilDue(): Promise<string> {
    const ahead = (SLOT - (minuteOf(this.now()) % 60) + 60) % 60 || 60;
    const due = minuteOf(this.now()) + ahead;
    this.advance((startOf(due).getTime() - this.now().getTime()) / 1000);
    await this.sound.reachMinute(due - 1);
    return startOf(due).toISOString();
  }

  /** Goes on to the next minute. */
  nextMinute(): void {
    this.advance(MINUTE_SECONDS);
  }

  /** Runs the scheduler and all that it enqueues, for the next turn of every connection; answers the turn. */
  async runTurn(ports = this.sound): Promise<string> {
    const turn = await this.untilDue();
    await enqueueDueChecks(ports);
    await this.drain(ports);
    return turn;
  }

  /** Has a worker work on a message; whether it is done, by the answer that SQS goes by. */
  async deliver(messages: readonly Message[], ports = this.sound): Promise<readonly boolean[]> {
    const handler = onQueue(
      queueWorkers.checkConnections,
      { message: checkBatchMessage, handle: checkBatch },
      { catalog, ports: () => ports },
    );
    const Records = messages.map(({ messageId, body }) => recordOf({ MessageId: messageId, Body: body }));
    const { batchItemFailures } = await handler({ Records }, lambdaContext('check', IAM, 60_000));
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return messages.map(({ messageId }) => !failed.has(messageId));
  }

  /** Delivers until nothing is left; what is put off comes out at its time. Fails where a message would be put aside. */
  async drain(ports = this.sound): Promise<void> {
    const tries = new Map<string, number>();
    while (this.queue.awaitNext()) {
      for (const message of this.queue.ready()) {
        const made = (tries.get(message.messageId) ?? 0) + 1;
        if (made > TRIES) throw new Error(`Put aside: ${message.body}`);
        tries.set(message.messageId, made);
        const [done] = await this.deliver([message], ports);
        if (done) this.queue.delete(message);
      }
    }
  }
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
