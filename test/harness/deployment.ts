import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as z from 'zod/mini';
import { matchesPattern } from '../../local/streams/filter.ts';
import { replacedCredentials } from '../../shared/adapters/aws/table/stream-records.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { streamWorkers } from '../../shared/contract/background/index.ts';
import { sweep } from '../../shared/domain/connections/sweep.ts';
import { retireCredentials } from '../../shared/domain/issuing/retire-credentials.ts';
import type { ConnectionEvent } from '../../shared/messages/connection-event.ts';
import type { AwsClients } from './aws-clients.ts';
import { credentialStore } from './credential-store.ts';
import { FaultInjector, type FaultPlan } from './fault-injector.ts';
import { type HoldsCredentialsOf, invariantViolations, servingViolations } from './invariants.ts';
import { CREDENTIALS_KEY_SECRET, createPorts, type Ports, type Process } from './process.ts';
import type { SimulatedServices } from './services.ts';
import { credentialsNamed, SimulatedProviders } from './simulated-providers.ts';
import {
  readServing,
  readState,
  type Storage,
  type StoredSecret,
  type StoredState,
  storeOf,
} from './stored-state.ts';
import { TestClock } from './test-clock.ts';
import { TimedQueue } from './timed-queue.ts';

/** The project of every simulated connection. */
export const PROJECT = 'project-1';

/** Longer than a lease (60 s) and than the intent of a creation (15 min). */
const ALL_EXPIRED_SECONDS = 16 * 60;

/** A deployment in miniature, with resources and a clock of its own. Processes start and crash in it. */
export class SimulatedDeployment {
  readonly name: string;
  readonly clock = new TestClock();
  readonly queue: TimedQueue;
  readonly providers: SimulatedProviders;
  readonly #services: SimulatedServices;
  readonly #topicArn: string;
  readonly #borrowed: AwsClients[] = [];
  #faultless: Process | undefined;

  private constructor(name: string, services: SimulatedServices) {
    const { messages } = services;
    this.name = name;
    this.queue = new TimedQueue(messages, name, this.clock);
    this.providers = new SimulatedProviders();
    this.#services = services;
    this.#topicArn = messages.createTopic(name).topicArn;
    messages.createQueue(this.#subscription);
    messages.subscribe({ topic: name, queue: this.#subscription });
  }

  static create(services: SimulatedServices): SimulatedDeployment {
    const name = randomUUID();
    services.dynamodb.createTable(name);
    return new SimulatedDeployment(name, services);
  }

  /** Starts a process with a correlation id of its own. */
  process(plan: FaultPlan = {}): Process {
    const { clients: pool, providers, bus } = this.#services;
    const injector = new FaultInjector(plan);
    // The SDK plays no part in a crash.
    const meetsFaults = plan.faults?.some(({ kind }) => !kind.startsWith('crash')) ?? false;
    const clients = pool.borrow(injector, meetsFaults);
    this.#borrowed.push(clients);
    const resources = {
      tableName: this.name,
      secretsPrefix: this.#secretsPrefix,
      credentialStore: credentialStore(),
      queueUrl: this.queue.url,
      topicArn: this.#topicArn,
      busName: bus.bus.name,
      providersUrl: providers.register({ injector, providers: this.providers }),
    };
    const correlationId = `process-${this.#borrowed.length}`;
    return { injector, ports: createPorts(clients, resources, { clock: this.clock, correlationId }) };
  }

  /** A process without faults, for everything that is not under test. */
  get faultlessProcess(): Process {
    this.#faultless ??= this.process();
    return this.#faultless;
  }

  get faultless(): Ports {
    return this.faultlessProcess.ports;
  }

  now(): Date {
    return this.clock.now();
  }

  advance(seconds: number): void {
    this.clock.advance(seconds);
  }

  /**
   * Runs what recovers after a crash by itself: the sweeper, once all leases and intents expired, and the worker that
   * retires secrets.
   *
   * @returns the stored state afterwards.
   * @throws AggregateError when the sweeper fails.
   */
  async recover(): Promise<StoredState> {
    this.advance(ALL_EXPIRED_SECONDS);
    const { failures } = await sweep(this.faultless);
    if (failures.length > 0)
      throw new AggregateError(
        failures.map(({ error }) => error),
        'The sweep failed.',
      );
    const swept = await this.state();
    if (!swept.secrets.some((secret) => isToRetire(secret, swept))) return swept;
    for (const record of this.#streamRecords()) {
      const replaced = replacedCredentials(record);
      if (replaced) await retireCredentials(replaced, this.faultless);
    }
    return this.state();
  }

  state(): Promise<StoredState> {
    return readState(this.#storage);
  }

  /** Returns the violations of what must hold after recovery. */
  async invariantViolations(state: StoredState): Promise<readonly string[]> {
    const violations = await invariantViolations(state, this.#storage, this.#holdsCredentialsOf);
    return [...violations, ...(await this.#lostTokens(state))];
  }

  /** An active connection serves a refresh token that its provider refreshes with. */
  async #lostTokens({ connections }: StoredState): Promise<readonly string[]> {
    const active = connections.filter(({ item: { summary } }) => summary.status === 'active');
    const authorized = active.filter(({ item: { summary } }) => isOAuth(summary.providerId));
    const violations = authorized.map(async (connection) => {
      const { id, item } = connection;
      const secret = await readServing(this.#storage, connection);
      const { providerId } = item.summary;
      const works = secret !== undefined && this.providers.accepts(providerId, fieldsOf(secret));
      return works ? [] : [`${id} serves a refresh token that no longer works`];
    });
    return (await Promise.all(violations)).flat();
  }

  /** Returns the violations of what must hold at every moment. No process may have a call under way. */
  async momentaryViolations(): Promise<readonly string[]> {
    return servingViolations(await this.state(), this.#storage, this.#holdsCredentialsOf);
  }

  /** Returns the fields of the credentials that serve a connection. */
  async servingFields(connectionId: string): Promise<Readonly<Record<string, string>>> {
    const { connections } = await this.state();
    const connection = connections.find(({ id }) => id === connectionId);
    const secret = connection && (await readServing(this.#storage, connection));
    if (secret === undefined) throw new Error(`No credentials of ${connectionId} can be read.`);
    return fieldsOf(secret);
  }

  /** Returns the stream records that the relay of events receives, from the beginning of the stream. */
  historyRecords(): readonly DynamoDBRecord[] {
    const [filter] = streamWorkers.relayEvents.filters;
    return this.#streamRecords().filter((record) => matchesPattern(filter, record));
  }

  /** Returns the events of these connections that reached the bus, oldest first. */
  publishedEvents(ids: ReadonlySet<string>): readonly ConnectionEvent[] {
    return this.#services.bus.events().filter(({ connectionId }) => ids.has(connectionId));
  }

  /** Returns the notices that reached the topic's subscriber. */
  notices(): readonly { readonly subject: string; readonly text: string }[] {
    const { ready = [] } = this.#services.messages.inspectQueue(this.#subscription)?.messages ?? {};
    return ready.map(({ body }) => {
      const { Subject: subject, Message: text } = notification.parse(JSON.parse(body));
      return { subject, text };
    });
  }

  close(): void {
    const { messages } = this.#services;
    for (const clients of this.#borrowed) clients.giveBack();
    this.queue.close();
    this.#services.dynamodb.deleteTable(this.name);
    messages.deleteTopic(this.name);
    messages.deleteQueue(this.#subscription);
  }

  readonly #holdsCredentialsOf: HoldsCredentialsOf = (secret, { actor, name, providerId }) => {
    // An imported connection has the name of the user of its credentials.
    const user = actor.type === 'user' ? actor.id : name;
    if (!this.providers.isVerified(providerId, user)) return false;
    if (isOAuth(providerId)) return this.providers.holdsGrantOf(providerId, user, fieldsOf(secret));
    return secret === JSON.stringify(credentialsNamed(providerId, user).reveal());
  };

  /** A client of the table, beside the code under test. */
  get table(): DynamoDBDocumentClient {
    return this.#services.table;
  }

  get #storage(): Storage {
    const { table, secrets } = this.#services;
    return {
      ...{ table, secrets, tableName: this.name, secretsPrefix: this.#secretsPrefix },
      credentialsKeySecret: CREDENTIALS_KEY_SECRET,
    };
  }

  get #secretsPrefix(): string {
    return `${this.name}/`;
  }

  get #subscription(): string {
    return `${this.name}-subscriber`;
  }

  /** Lists the stream records in the form in which Lambda delivers them. */
  #streamRecords(): readonly DynamoDBRecord[] {
    return this.#services.dynamodb.table(this.name).records;
  }
}

const fields = z.record(z.string(), z.string());

/** Reads the fields of stored credentials. */
function fieldsOf(secret: string) {
  return fields.parse(JSON.parse(secret));
}

function isOAuth(providerId: string): boolean {
  return catalog.get(providerId)?.auth.type === 'oauth2';
}

const notification = z.object({ Subject: z.string(), Message: z.string() });

/** Returns true for a secret that the stream worker has yet to retire. */
function isToRetire(
  { connectionId, store, isScheduledForDeletion }: StoredSecret,
  { connections }: StoredState,
): boolean {
  if (isScheduledForDeletion) return false;
  const connection = connections.find(({ id }) => id === connectionId);
  return !connection || storeOf(connection.item) !== store;
}
