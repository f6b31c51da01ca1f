import { BUILT_IN_PROVIDERS, compileInto } from '../shared/catalog/compile.ts';
import type { CredentialStoreName } from '../shared/domain/terms.ts';
import type { AwsJsonServer } from './aws-json-server.ts';
import type { Target } from './bus/delivery.ts';
import { type Bus, startBus } from './bus/server.ts';
import { dataFiles, type ProviderMode, tableNameOf } from './data-folder.ts';
import { REGION, SECRET_NAMES } from './environment.ts';
import { type Issuer, startIssuer } from './issuer/server.ts';
import type { IamSettings } from './lambda.ts';
import { type ReceivedNotice, startTopic, type Topic } from './notices/topic.ts';
import { type QueueServer, startQueueServer } from './queue/server.ts';
import { type Sandbox, startSandbox } from './sandbox/server.ts';
import { startSecretsManager } from './secrets-manager/server.ts';
import { type Engine, startEngine } from './table/engine.ts';
import { USERS } from './users.ts';

/** The local servers in place of AWS, of the platform's issuer and of third parties. */
export interface StandIns {
  readonly tableName: string;
  /** Folder of the compiled catalog. */
  readonly catalogDir: string;
  /** Names of the OAuth clients that the catalog's entries need. */
  readonly oauthClients: ReadonlySet<string>;
  readonly audience: string;
  readonly engine: Engine;
  readonly secrets: AwsJsonServer;
  readonly queues: QueueServer;
  readonly checksQueueUrl: string;
  readonly bus: Bus;
  readonly topic: Topic;
  readonly sandbox: Sandbox;
  readonly issuer: Issuer;
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly dataDir: string;
  readonly providers: ProviderMode;
  /** Folder of the operator's own providers; undefined for none. */
  readonly providersFolder?: string | undefined;
  /** The store of new connections' credentials. */
  readonly credentialStore: CredentialStoreName;
  /** Receives the notices that subscribers would be sent. */
  readonly onNotice: (notice: ReceivedNotice) => void;
  /** Receives the errors of work that no request waits for. */
  readonly onError: (where: string, error: unknown) => void;
}

const AUDIENCE = 'connections-api';
/** The console's development server. */
export const CONSOLE_ORIGINS = ['http://localhost:5173', 'http://127.0.0.1:5173'];
/** Receives after which SQS moves a message to the dead-letter queue. */
const CHECK_RECEIVES = 5;

/** Starts the stand-ins; `targets` are those of the bus's rules. */
export async function startStandIns(
  { dataDir, providers, providersFolder, onNotice, onError }: StandInOptions,
  targets: readonly Target[],
): Promise<StandIns> {
  const files = dataFiles(dataDir, providers);
  const providerFolders = [BUILT_IN_PROVIDERS, ...(providersFolder === undefined ? [] : [providersFolder])];
  const entries = compileInto(files.catalog, providerFolders);
  const engine = await startEngine({ dataFile: files.table });
  const [secrets, queues, bus, sandbox, issuer] = await Promise.all([
    startSecretsManager({ dataFile: files.secrets }),
    startQueueServer(REGION),
    startBus({ name: 'connections', dataFile: files.events, targets, onError }),
    startSandbox({ dataFile: files.sandbox, providerFolders }),
    startIssuer({
      dataFile: files.issuer,
      audience: AUDIENCE,
      users: Object.values(USERS),
      consoleOrigins: CONSOLE_ORIGINS,
    }),
  ]);
  const topic = await startTopic({
    url: queues.url,
    region: REGION,
    onNotice,
    onError: (error) => onError('notices', error),
  });
  return {
    tableName: tableNameOf(providers),
    catalogDir: files.catalog,
    oauthClients: new Set(entries.flatMap(({ oauth2 }) => oauth2?.client ?? [])),
    audience: AUDIENCE,
    engine,
    secrets,
    queues,
    checksQueueUrl: await queues.createQueue('checks', CHECK_RECEIVES),
    bus,
    topic,
    sandbox,
    issuer,
    async close() {
      // An event that is being delivered still needs the table and the topic.
      await bus.close();
      await topic.close();
      await Promise.all([issuer.close(), sandbox.close(), queues.close(), secrets.close(), engine.close()]);
    },
  };
}

/**
 * Sets the variables that CDK sets on AWS, and the SDK's own ones for the addresses of its services. Functions read
 * them at their first invocation.
 */
export function setEnvironment(
  standIns: StandIns,
  iam: IamSettings,
  { providers, credentialStore }: Pick<StandInOptions, 'providers' | 'credentialStore'>,
): void {
  Object.assign(process.env, {
    AWS_REGION: iam.region,
    AWS_ACCESS_KEY_ID: iam.accessKeyId,
    AWS_SECRET_ACCESS_KEY: iam.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: standIns.engine.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIns.secrets.url,
    AWS_ENDPOINT_URL_SQS: standIns.queues.url,
    CHECKS_QUEUE_URL: standIns.checksQueueUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: standIns.bus.url,
    AWS_ENDPOINT_URL_SNS: standIns.queues.url,
    EVENT_BUS_NAME: standIns.bus.name,
    NOTICES_TOPIC_ARN: standIns.topic.arn,
    ACCESS_TOKEN_TYPE: 'at+jwt',
    CATALOG_DIR: standIns.catalogDir,
    TABLE_NAME: standIns.tableName,
    ...SECRET_NAMES,
    CREDENTIALS_STORE: credentialStore,
    PROVIDERS_ENDPOINT_URL: providers === 'sandbox' ? standIns.sandbox.url : '',
    SERVICE_NAME: 'connections',
  });
}
