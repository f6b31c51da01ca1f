import { randomUUID } from 'node:crypto';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { vi } from 'vitest';
import { openSecretsManager, type SecretsManagerService } from '../../local/secrets-manager/server.ts';
import { catalog } from '../../shared/catalog/index.ts';
import { AwsClientPool, type AwsClients } from './aws-clients.ts';
import { directSecretCalls, directTableCalls, REGION } from './direct-calls.ts';
import { TestBus } from './event-bus.ts';
import { FaultInjector } from './fault-injector.ts';
import { CREDENTIALS_KEY_SECRET, DATA_KEY_SECRET, OAUTH_CLIENTS_PREFIX } from './process.ts';
import { inProcess } from './request-handlers.ts';
import { ProviderServer } from './simulated-providers.ts';
import { DynamoDbStandIn } from './table-stand-in/dynamodb.ts';

/** The data keys of every deployment. */
const KEYRING = JSON.stringify({ current: '1', 1: 'sample-data-key' });

/** The services behind the deployments of one test. Their data is gone when they close. */
export class SimulatedServices {
  readonly dynamodb: DynamoDbStandIn;
  readonly messages: FauxqsServer;
  readonly bus: TestBus;
  readonly providers: ProviderServer;
  readonly clients: AwsClientPool;
  /** Clients that read the stored state, beside the code under test and without injected faults. */
  readonly table: DynamoDBDocumentClient;
  readonly secrets: SecretsManagerClient;
  readonly #secretsManager: SecretsManagerService;
  readonly #readers: AwsClients;

  private constructor(started: Pick<SimulatedServices, 'dynamodb' | 'messages' | 'bus' | 'providers'>) {
    this.dynamodb = started.dynamodb;
    this.messages = started.messages;
    this.bus = started.bus;
    this.providers = started.providers;
    this.#secretsManager = openSecretsManager({});
    this.clients = new AwsClientPool({
      dynamodb: { handler: inProcess(this.dynamodb), calls: directTableCalls(this.dynamodb) },
      secretsManager: {
        handler: inProcess(this.#secretsManager),
        calls: directSecretCalls(this.#secretsManager),
      },
    });
    this.#readers = this.clients.borrow(new FaultInjector(), false);
    this.table = this.#readers.dynamodb();
    this.secrets = this.#readers.secretsManager();
  }

  static async start(dynamodb = new DynamoDbStandIn()): Promise<SimulatedServices> {
    // The SDK waits a random part of its backoff; zero makes it retry at once.
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const [messages, bus, providers] = await Promise.all([
      startFauxqs({ host: '127.0.0.1', port: 0, logger: false, defaultRegion: REGION }),
      TestBus.open(),
      ProviderServer.start(),
    ]);
    Object.assign(process.env, {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${messages.port}`,
      AWS_ENDPOINT_URL_EVENTBRIDGE: bus.bus.url,
    });
    const services = new SimulatedServices({ dynamodb, messages, bus, providers });
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
    this.#readers.giveBack();
    this.clients.close();
    const { messages, bus, providers } = this;
    await Promise.all([messages.stop(), bus.close(), providers.close()]);
    this.#secretsManager.close();
    vi.restoreAllMocks();
  }
}
