import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { startRelay } from '../../../local/streams/relay.ts';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';
import { openSecrets } from '../../../shared/adapters/aws/secrets/client.ts';
import { secretReader } from '../../../shared/adapters/aws/secrets/reader.ts';
import { secretRemover, secretWriter } from '../../../shared/adapters/aws/secrets/writer.ts';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { committer } from '../../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { flowReader } from '../../../shared/adapters/aws/table/flows.ts';
import { lastCheckStore } from '../../../shared/adapters/aws/table/last-checks.ts';
import { recoveryReader } from '../../../shared/adapters/aws/table/overdue.ts';
import { reminderReader } from '../../../shared/adapters/aws/table/schedule.ts';
import { removedConnection } from '../../../shared/adapters/aws/table/stream-records.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { Verification, Verifier } from '../../../shared/domain/credentials/verification.ts';
import type { Clock } from '../../../shared/domain/time.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { AwsClients, FaultInjector, type FaultPlan } from '../../harness/fault-injector.ts';
import type { IsRight } from './invariants.ts';
import { type Place, readState, type Secret, type State } from './state.ts';
import { sweep } from './sweep.ts';

export const PROJECT = 'project-1';
export const PROVIDER = 'trello';
/** Beyond the deadline of a mark (60 s) and of a creation's intent (15 min). */
const BEYOND_DEADLINES_SECONDS = 16 * 60;

/** The services of one test file: a real engine in memory, and the stand-in for Secrets Manager. */
export class World {
  readonly engine: Engine;
  readonly #secrets: { readonly url: string; close(): Promise<void> };
  readonly directory: string;
  /** For reading past the code under test. */
  readonly readers = {
    table: DynamoDBDocumentClient.from(new DynamoDBClient()),
    secrets: new SecretsManager(),
  };
  readonly #idle: AwsClients[] = [];

  private constructor(engine: Engine, secrets: { url: string; close(): Promise<void> }, directory: string) {
    this.engine = engine;
    this.#secrets = secrets;
    this.directory = directory;
  }

  /** A world for the length of `visit`. */
  static async during<T>(visit: (world: World) => Promise<T>): Promise<T> {
    const world = await World.#open();
    try {
      return await visit(world);
    } finally {
      await world.#close();
    }
  }

  static async #open(): Promise<World> {
    // The SDK waits a random part of a bound before it tries again; here that part is nothing.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const directory = mkdtempSync(join(tmpdir(), 'protocols-'));
    const [engine, secrets] = await Promise.all([
      startEngine({}),
      startSecretsManager({ dataFile: join(directory, 'secrets.db') }),
    ]);
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    });
    return new World(engine, secrets, directory);
  }

  /** Plays in a deployment of its own: a table, secrets, a clock and a provider. */
  async play<T>(play: (scene: Scene) => Promise<T>): Promise<T> {
    const name = randomUUID();
    await createTable(name, this.engine.url);
    const scene = new Scene(name, this);
    try {
      return await play(scene);
    } finally {
      scene.close();
    }
  }

  lend(): AwsClients {
    const clients = this.#idle.pop();
    return clients ?? new AwsClients(openTable(''), openSecrets({ prefix: '', kmsKeyId: undefined }));
  }

  /** Clients that met faults are spent: the SDK remembers, and tries again less often. */
  takeBack(clients: AwsClients, spent: boolean): void {
    if (spent) clients.destroy();
    else this.#idle.push(clients);
  }

  async #close(): Promise<void> {
    for (const clients of this.#idle) clients.destroy();
    this.readers.table.destroy();
    this.readers.secrets.destroy();
    await Promise.all([this.engine.close(), this.#secrets.close()]);
    rmSync(this.directory, { recursive: true, force: true });
    vi.restoreAllMocks();
  }
}

/** What a process is given to work with, as `functions/wiring/` puts it together. */
export type Ports = ReturnType<Scene['process']>['ports'];

/** One deployment, and the processes that come and go in it. */
export class Scene {
  readonly name: string;
  readonly prefix: string;
  readonly clock: TickingClock;
  /** The credentials that the provider refuses, by name. */
  readonly revoked = new Set<string>();
  readonly #world: World;
  readonly #lent: { readonly clients: AwsClients; readonly spent: boolean }[] = [];
  #sound: Ports | undefined;

  constructor(name: string, world: World) {
    this.name = name;
    this.prefix = `${name}/`;
    this.clock = new TickingClock();
    this.#world = world;
  }

  /** Starts a process: new clients and no memory of any other. */
  process(plan: FaultPlan = {}) {
    const wire = new FaultInjector(plan);
    const clients = this.#world.lend();
    clients.sendThrough(wire);
    this.#lent.push({ clients, spent: plan.faults !== undefined });
    const table = { ...clients.table, name: this.name };
    const secrets = { ...clients.secrets, prefix: this.prefix };
    const tools = {
      ...createBaseContext(catalog, this.clock),
      correlationId: 'test',
      backoff: () => Promise.resolve(),
    };
    const ports = {
      ...tools,
      ...connectionReader(table),
      ...lastCheckStore(table),
      ...flowReader(table),
      ...recoveryReader(table),
      ...reminderReader(table),
      ...committer(table, tools),
      ...secretReader(secrets),
      ...secretWriter(secrets),
      ...secretRemover(secrets),
      ...wire.wrapVerifier(this.#provider()),
    };
    return { wire, ports, table };
  }

  /** A process that nothing befalls, for what is not under test. */
  get sound(): Ports {
    this.#sound ??= this.process().ports;
    return this.#sound;
  }

  /**
   * What runs after a crash without anyone asking: the sweeper once the deadlines are past, and the worker behind
   * the table's stream. Fails where either leaves something undone; answers what there is then.
   */
  async recover(): Promise<State> {
    this.clock.advance(BEYOND_DEADLINES_SECONDS);
    await sweep(this.sound);
    const swept = await readState(this.place);
    if (!swept.secrets.some((secret) => isDisconnected(secret, swept))) return swept;
    await this.#followStream();
    return readState(this.place);
  }

  /** Retires the secret of each connection that the table's stream tells the removal of, from its beginning. */
  async #followStream(): Promise<void> {
    const { retireSecret } = this.sound;
    const relay = await startRelay({
      tableName: this.name,
      endpoint: this.#world.engine.url,
      checkpointFile: join(this.#world.directory, randomUUID()),
      subscribers: [
        async (records) => {
          for (const record of records) {
            const id = removedConnection(record);
            if (id) await retireSecret(id);
          }
        },
      ],
      onError: (error) => {
        throw error;
      },
    });
    await relay.drain();
    await relay.close();
  }

  /** Where everything is, for those who read past the code under test. */
  get place(): Place {
    return { ...this.#world.readers, tableName: this.name, secretsPrefix: this.prefix };
  }

  /** Ends every process. */
  close(): void {
    for (const { clients, spent } of this.#lent) this.#world.takeBack(clients, spent);
  }

  /** Accepts all but the revoked; the same account every time. */
  #provider(): Verifier {
    return {
      verify: async (_provider, credentials): Promise<Verification> => {
        const refused = [...this.revoked].some((name) => matches(credentials, name));
        if (refused) return { outcome: 'rejected', reason: 'access_revoked' };
        return { outcome: 'ok', account: { id: 'account-1', label: 'Jo' }, expiresAt: null };
      },
    };
  }
}

/** Whether a secret still waits for the stream's worker. */
function isDisconnected({ connectionId, scheduledForDeletion }: Secret, { history }: State): boolean {
  const entries = history.get(connectionId) ?? [];
  return !scheduledForDeletion && entries.some(({ type }) => type === 'disconnected');
}

/** Goes on by a millisecond each time it is read, so that ids ascend in the order they are made. */
export class TickingClock implements Clock {
  #now = Date.parse('2026-11-02T08:30:00.000Z');

  now(): Date {
    this.#now += 1;
    return new Date(this.#now);
  }

  advance(seconds: number): void {
    this.#now += seconds * 1_000;
  }
}

/** Whether a secret holds the credentials of the one who is told to have brought them. */
export const isRight: IsRight = (secret, { actor }) => actor.type === 'user' && secret === secretOf(actor.id);

function secretOf(name: string): string {
  return JSON.stringify(credentialsOf(name).reveal());
}

/** Credentials that go by a name. The one who brings them goes by the same, so the history tells whose serve. */
export function credentialsOf(name: string): Credentials {
  return new Credentials(sampleCredentials(PROVIDER, name));
}

export function matches(credentials: Credentials, name: string): boolean {
  return JSON.stringify(credentials.reveal()) === secretOf(name);
}

export function person(name: string) {
  return { type: 'user', id: name } as const;
}

/** Does `work` for each item, at most `width` at a time. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
