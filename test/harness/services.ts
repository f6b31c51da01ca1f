import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { vi } from 'vitest';
import { startSecretsManager } from '../../local/secrets-manager/server.ts';
import { type Engine, startEngine } from '../../local/table/engine.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { AwsClientPool } from './aws-clients.ts';
import { TestBus } from './event-bus.ts';
import { CREDENTIALS_KEY_SECRET, DATA_KEY_SECRET, OAUTH_CLIENTS_PREFIX } from './process.ts';
import { ProviderServer } from './simulated-providers.ts';

const REGION = 'eu-west-1';

/** The services behind the deployments of one test. Their data is gone when they close. */
export class SimulatedServices {
  readonly engine: Engine;
  readonly messages: FauxqsServer;
  readonly bus: TestBus;
  readonly providers: ProviderServer;
  readonly directory: string;
  readonly clients = new AwsClientPool();
  /** Creates the deployments' tables. One client for all, because creating a client takes longer than a table does. */
  readonly tables = new DynamoDBClient();
  /** Clients that read the stored state, beside the code under test and without injected faults. */
  readonly table = DynamoDBDocumentClient.from(this.tables);
  readonly secrets = new SecretsManager();
  readonly #secretsManager: { close(): Promise<void> };

  private constructor(
    started: Pick<SimulatedServices, 'engine' | 'messages' | 'bus' | 'providers' | 'directory'>,
    secretsManager: { close(): Promise<void> },
  ) {
    this.engine = started.engine;
    this.messages = started.messages;
    this.bus = started.bus;
    this.providers = started.providers;
    this.directory = started.directory;
    this.#secretsManager = secretsManager;
  }

  static async start(): Promise<SimulatedServices> {
    // The SDK waits a random part of its backoff; zero makes it retry at once.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const directory = mkdtempSync(join(tmpdir(), 'simulated-'));
    // Started alone: the engine listens on a port that was free a moment ago, and the others take free ports.
    const engine = await startEngine({});
    const [secretsManager, messages, bus, providers] = await Promise.all([
      startSecretsManager({ dataFile: join(directory, 'secrets.db') }),
      startFauxqs({ host: '127.0.0.1', port: 0, logger: false, defaultRegion: REGION }),
      TestBus.open(),
      ProviderServer.start(),
    ]);
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: engine.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.bus.url,
    });
    const services = new SimulatedServices({ engine, messages, bus, providers, directory }, secretsManager);
    await services.#createSecrets();
    return services;
  }

  /** Creates the keyrings, and an OAuth client for every provider of the catalog that needs one. */
  async #createSecrets(): Promise<void> {
    const clients = new Set(catalog.list().flatMap(({ client }) => client ?? []));
    const client = JSON.stringify({ clientId: 'platform', clientSecret: 'sample-client-secret' });
    await Promise.all([
      ...[DATA_KEY_SECRET, CREDENTIALS_KEY_SECRET].map((Name) =>
        this.secrets.createSecret({ Name, SecretString: '{"current":"1","1":"sample-data-key"}' }),
      ),
      ...Array.from(clients, (name) =>
        this.secrets.createSecret({ Name: OAUTH_CLIENTS_PREFIX + name, SecretString: client }),
      ),
    ]);
  }

  async close(): Promise<void> {
    this.clients.close();
    this.tables.destroy();
    this.secrets.destroy();
    const { engine, messages, bus, providers } = this;
    await Promise.all([
      engine.close(),
      this.#secretsManager.close(),
      messages.stop(),
      bus.close(),
      providers.close(),
    ]);
    rmSync(this.directory, { recursive: true, force: true });
    vi.restoreAllMocks();
  }
}
