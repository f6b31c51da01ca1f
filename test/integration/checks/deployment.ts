import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { matchesPattern } from '../../../local/streams/filter.ts';
import { startRelay } from '../../../local/streams/relay.ts';
import { streamWorkers } from '../../../shared/contract/background/index.ts';
import type { LastCheck } from '../../../shared/domain/checks/ports.ts';
import { minuteOf, startOf } from '../../../shared/domain/checks/slots.ts';
import type { Connection } from '../../../shared/domain/connections/connection.ts';
import { reminderAfter } from '../../../shared/domain/connections/expiry.ts';
import type { StoredConnection } from '../../../shared/domain/connections/stored.ts';
import type { Flow } from '../../../shared/domain/flows/flow.ts';
import { unitOf } from '../../../shared/domain/flows/link.ts';
import { linkStepToNew } from '../../../shared/domain/flows/step-links.ts';
import { timestamp } from '../../../shared/domain/time.ts';
import type { ConnectionEvent } from '../../../shared/messages/connection-event.ts';
import type { FaultPlan } from '../../harness/fault-injector.ts';
import { breaches, type IsRight } from '../protocols/invariants.ts';
import { readState, type State } from '../protocols/state.ts';
import { PROJECT, person, type Scene } from '../protocols/world.ts';
import { runWorker } from './functions.ts';
import type { Lent } from './message-clients.ts';
import { type Ports, type Process, SLOT, withMessages } from './process.ts';
import { TimedQueue } from './queue.ts';
import type { Surroundings } from './surroundings.ts';
import { accountOf, credentialsNamed, Providers } from './third-parties.ts';

const MINUTE_SECONDS = 60;
/** After so many deliveries SQS puts a message aside. */
const TRIES = 5;
/** What the house keeps besides connections and flows; it has no part in what connections are. */
const OWN_BOOKS = /^(AGENDA|BUDGET#|IDEMPOTENCY#)/;

/** A deployment with all that checks, events and notices need: a scene, a queue, a bus, a topic and third parties. */
export class Deployment {
  readonly scene: Scene;
  readonly queue: TimedQueue;
  readonly providers: Providers;
  readonly #surroundings: Surroundings;
  readonly #topicArn: string;
  readonly #lent: Lent[] = [];
  #sound: Process | undefined;

  private constructor(scene: Scene, surroundings: Surroundings) {
    const { messages, world } = surroundings;
    this.scene = scene;
    this.queue = new TimedQueue(messages, scene.name, scene.clock);
    this.providers = new Providers(world.directory);
    this.#surroundings = surroundings;
    this.#topicArn = messages.createTopic(scene.name).topicArn;
    messages.createQueue(this.#people);
    messages.subscribe({ topic: scene.name, queue: this.#people });
  }

  /** Plays in a deployment of its own. */
  static play<T>(surroundings: Surroundings, play: (deployment: Deployment) => Promise<T>): Promise<T> {
    return surroundings.world.play(async (scene) => {
      const deployment = new Deployment(scene, surroundings);
      try {
        return await play(deployment);
      } finally {
        deployment.#close();
      }
    });
  }

  /** Starts a process: new clients and no memory of any other. */
  process(plan: FaultPlan = {}): Process {
    const started = this.scene.process(plan);
    const { clients, thirdParties, bus } = this.#surroundings;
    const lent = clients.lend(started.wire, plan.faults !== undefined);
    this.#lent.push(lent);
    return withMessages(started, lent, {
      queueUrl: this.queue.url,
      topicArn: this.#topicArn,
      busName: bus.bus.name,
      providersUrl: thirdParties.line(started.wire, this.providers),
    });
  }

  /** A process that nothing befalls, for what is not under test. */
  get soundProcess(): Process {
    this.#sound ??= this.process();
    return this.#sound;
  }

  get sound(): Ports {
    return this.soundProcess.ports;
  }

  now(): Date {
    return this.scene.clock.now();
  }

  advance(seconds: number): void {
    this.scene.clock.advance(seconds);
  }

  /**
   * Has a connection in a flow of its own, with credentials that go by the name of who brought them: committed as a
   * creation commits it, without what comes before.
   */
  async connected(providerId: string, by: string, expiresAt: string | null = null): Promise<string> {
    const { ids, commit, createSecret } = this.sound;
    this.providers.accept(providerId, by);
    const version = ids.next();
    const made = newConnection({ version, providerId, by, expiresAt }, this.now());
    const at = made.connection.connectedAt;
    const empty: Flow = { projectId: PROJECT, id: `flow-${by}`, name: by, integrations: [], revision: 0 };
    const linkChange = linkStepToNew(empty, 'step', { made, current: null, at });
    const flow = { before: null, after: linkChange.flow.after ?? empty };
    await createSecret(made.connection.id, version, credentialsNamed(providerId, by));
    await commit(unitOf({ ...linkChange, flow }, person(by), at, this.sound));
    return made.connection.id;
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
    await this.sound.advanceCheckpoint(due - 1);
    return startOf(due).toISOString();
  }

  /** Goes on to the next minute. */
  nextMinute(): void {
    this.advance(MINUTE_SECONDS);
  }

  /** Enqueues a check of connections of one provider, for the turn that has come. */
  async enqueue(providerId: string, ids: readonly string[]): Promise<string> {
    const scheduledFor = timestamp(startOf(minuteOf(this.now())));
    const connections = ids.map((connectionId) => ({ projectId: PROJECT, connectionId }));
    await this.sound.enqueueChecks([{ scheduledFor, correlationId: 'test', providerId, connections }]);
    return scheduledFor;
  }

  /** Delivers until nothing is left; what is put off comes out at its time. Fails where a message would be put aside. */
  async drain(): Promise<void> {
    const tries = new Map<string, number>();
    while (this.queue.awaitNext()) {
      for (const message of this.queue.ready()) {
        const made = (tries.get(message.messageId) ?? 0) + 1;
        if (made > TRIES) throw new Error(`Put aside: ${message.body}`);
        tries.set(message.messageId, made);
        const failed = await runWorker([message], this.sound);
        if (!failed.has(message.messageId)) this.queue.delete(message);
      }
    }
  }

  /** What the last check of a connection found, and for which turn. */
  lastCheck(connectionId: string): Promise<LastCheck | undefined> {
    return this.sound.findLastCheck(connectionId);
  }

  /** Everything there is, read past the code under test. */
  async state(): Promise<State> {
    const state = await readState(this.scene.place);
    return { ...state, others: state.others.filter((key) => !OWN_BOOKS.test(key)) };
  }

  /** What of that does not fit together, in words. */
  async breaches(state: State): Promise<readonly string[]> {
    return breaches(state, this.scene.place, isRight);
  }

  /** The records of the table's stream that the relay of events gets, from its beginning. */
  async streamed(): Promise<readonly DynamoDBRecord[]> {
    const { world } = this.#surroundings;
    const all: DynamoDBRecord[] = [];
    const relay = await startRelay({
      tableName: this.scene.name,
      endpoint: world.engine.url,
      checkpointFile: join(world.directory, randomUUID()),
      subscribers: [
        async (records) => {
          const picked = records.filter((record) => matchesPattern(streamWorkers.relayEvents.filter, record));
          all.push(...picked.map((record): DynamoDBRecord => JSON.parse(JSON.stringify(record))));
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
    await relay.drain();
    await relay.close();
    return all;
  }

  /** What reached the bus of these connections, oldest first. */
  published(ids: ReadonlySet<string>): readonly ConnectionEvent[] {
    return this.#surroundings.bus.events().filter(({ connectionId }) => ids.has(connectionId));
  }

  /** What people were told. */
  told(): readonly { readonly subject: string; readonly text: string }[] {
    const { ready = [] } = this.#surroundings.messages.inspectQueue(this.#people)?.messages ?? {};
    return ready.map(({ body }) => {
      const { Subject: subject, Message: text } = notification.parse(JSON.parse(body));
      return { subject, text };
    });
  }

  get #people(): string {
    return `${this.scene.name}-people`;
  }

  #close(): void {
    for (const lent of this.#lent) lent.takeBack();
    this.queue.close();
    this.#surroundings.messages.deleteTopic(this.scene.name);
    this.#surroundings.messages.deleteQueue(this.#people);
  }
}

const notification = z.object({ Subject: z.string(), Message: z.string() });

/** Whether a secret holds the credentials of the one who is told to have brought them. */
const isRight: IsRight = (secret, { actor }) => actor.type === 'user' && secret.includes(`-${actor.id}"`);

interface Born {
  readonly version: string;
  readonly providerId: string;
  readonly by: string;
  readonly expiresAt: string | null;
}

function newConnection({ version, providerId, by, expiresAt }: Born, now: Date): StoredConnection {
  const at = timestamp(now);
  const connection: Connection = {
    id: `con_${version}`,
    projectId: PROJECT,
    providerId,
    name: by,
    status: 'active',
    statusReason: null,
    statusSince: at,
    account: accountOf(by),
    flowCount: 1,
    connectedAt: at,
    reconnectedAt: null,
    lastCheckedAt: at,
    expiresAt,
    createdBy: by,
    updatedAt: at,
    version: 1,
  };
  const reminder = reminderAfter(now, expiresAt);
  const kept = { secretVersion: version, lease: null, cadence: 'hour', reminder } as const;
  return { connection, revision: 1, ...kept };
}
