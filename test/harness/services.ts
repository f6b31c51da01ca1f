import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { Pool } from 'undici';
import { vi } from 'vitest';
import { openSecretsManager, type SecretsManagerService } from '../../local/secrets-manager/server.ts';
import { type Engine, startEngine } from '../../local/table/engine.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { AwsClientPool } from './aws-clients.ts';
import { TestBus } from './event-bus.ts';
import { CREDENTIALS_KEY_SECRET, DATA_KEY_SECRET, OAUTH_CLIENTS_PREFIX } from './process.ts';
import { inProcess, overPool } from './request-handlers.ts';
import { ProviderServer } from './simulated-providers.ts';

const REGION = 'eu-west-1';
/** The data keys of every deployment. */
const KEYRING = JSON.stringify({ current: '1', 1: 'sample-data-key' });

/** The services behind the deployments of one test. Their data is gone when they close. */
export class SimulatedServices {
  readonly engine: Engine;
  readonly messages: FauxqsServer;
  readonly bus: TestBus;
  readonly providers: ProviderServer;
  readonly directory: string;
  readonly clients: AwsClientPool;
  /** Creates the deployments' tables. One client for all, because creating a client takes longer than a table does. */
  readonly tables: DynamoDBClient;
  /** Clients that read the stored state, beside the code under test and without injected faults. */
  readonly table: DynamoDBDocumentClient;
  readonly secrets: SecretsManager;
  readonly #secretsManager: SecretsManagerService;
  readonly #connections: Pool;

  private constructor(
    started: Pick<SimulatedServices, 'engine' | 'messages' | 'bus' | 'providers' | 'directory'>,
    secretsManager: SecretsManagerService,
  ) {
    this.engine = started.engine;
    this.messages = started.messages;
    this.bus = started.bus;
    this.providers = started.providers;
    this.directory = started.directory;
    this.#secretsManager = secretsManager;
    this.#connections = new Pool(this.engine.url);
    const handlers = { dynamodb: overPool(this.#connections), secretsManager: inProcess(secretsManager) };
    this.clients = new AwsClientPool(handlers);
    this.tables = new DynamoDBClient({ requestHandler: handlers.dynamodb });
    this.table = DynamoDBDocumentClient.from(this.tables);
    this.secrets = new SecretsManager({ requestHandler: handlers.secretsManager });
  }

  static async start(): Promise<SimulatedServices> {
    // The SDK waits a random part of its backoff; zero makes it retry at once.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const directory = mkdtempSync(join(tmpdir(), 'simulated-'));
    // Started alone: the engine listens on a port that was free a moment ago, and the others take free ports.
    const engine = await startEngine({});
    const secretsManager = openSecretsManager({});
    const [messages, bus, providers] = await Promise.all([
      startFauxqs({ host: '127.0.0.1', port: 0, logger: false, defaultRegion: REGION }),
      TestBus.open(),
      ProviderServer.start(),
    ]);
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.url,
      AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.bus.url,
    });
    const services = new SimulatedServices({ engine, messages, bus, providers, directory }, secretsManager);
    services.#createSecrets();
    return services;
  }

  /** Creates the keyrings, and an OAuth client for every provider of the catalog that needs one. */
  #createSecrets(): void {
    const create = (Name: string, SecretString: string) => {
      const input = { Name, SecretString, ClientRequestToken: randomUUID() };
      this.#secretsManager.perform('CreateSecret', JSON.stringify(input), REGION);
    };
    const clients = new Set(catalog.list().flatMap(({ client }) => client ?? []));
    const client = JSON.stringify({ clientId: 'platform', clientSecret: 'sample-client-secret' });
    for (const name of [DATA_KEY_SECRET, CREDENTIALS_KEY_SECRET]) create(name, KEYRING);
    for (const name of clients) create(OAUTH_CLIENTS_PREFIX + name, client);
  }

  async close(): Promise<void> {
    this.clients.close();
    this.tables.destroy();
    this.secrets.destroy();
    await this.#connections.close();
    const { engine, messages, bus, providers } = this;
    await Promise.all([engine.close(), messages.stop(), bus.close(), providers.close()]);
    this.#secretsManager.close();
    rmSync(this.directory, { recursive: true, force: true });
    vi.restoreAllMocks();
  }
}
