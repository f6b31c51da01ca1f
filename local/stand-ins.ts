import { compileInto } from '../shared/catalog/compile.ts';
import type { CredentialStoreName } from '../shared/domain/terms.ts';
import type { AwsJsonServer } from './aws-json-server.ts';
import type { BackgroundAddresses } from './background.ts';
import { dataFiles, type ProviderMode, tableNameOf } from './data-folder.ts';
import { BUS_NAME, SECRET_NAMES } from './environment.ts';
import { type Issuer, startIssuer } from './issuer/server.ts';
import type { IamSettings } from './lambda.ts';
import { startSecretsManager } from './secrets-manager/server.ts';
import { type Engine, startEngine } from './table/engine.ts';
import { USERS } from './users.ts';

/** The local servers in place of DynamoDB, Secrets Manager and the platform's issuer. */
export interface StandIns {
  readonly tableName: string;
  /** Folder of the compiled catalog. */
  readonly catalogDir: string;
  /** Names of the OAuth clients that the catalog's entries need. */
  readonly oauthClients: ReadonlySet<string>;
  readonly audience: string;
  readonly engine: Engine;
  readonly secrets: AwsJsonServer;
  readonly issuer: Issuer;
  close(): Promise<void>;
}

export interface StandInOptions {
  readonly dataDir: string;
  readonly providers: ProviderMode;
  /** Folders of providers, later ones overriding. */
  readonly providerFolders: readonly string[];
}

const AUDIENCE = 'connections-api';
/** The console's development server. */
export const CONSOLE_ORIGINS = ['http://localhost:5173', 'http://127.0.0.1:5173'];

/** Starts them, with the catalog of the folders compiled beside the data. */
export async function startStandIns({
  dataDir,
  providers,
  providerFolders,
}: StandInOptions): Promise<StandIns> {
  const files = dataFiles(dataDir, providers);
  const entries = compileInto(files.catalog, providerFolders);
  const [engine, secrets, issuer] = await Promise.all([
    startEngine({ dataFile: files.table }),
    startSecretsManager({ dataFile: files.secrets }),
    startIssuer({
      dataFile: files.issuer,
      audience: AUDIENCE,
      users: Object.values(USERS),
      consoleOrigins: CONSOLE_ORIGINS,
    }),
  ]);
  return {
    tableName: tableNameOf(providers),
    catalogDir: files.catalog,
    oauthClients: new Set(entries.flatMap(({ oauth2 }) => oauth2?.client ?? [])),
    audience: AUDIENCE,
    engine,
    secrets,
    issuer,
    async close() {
      await Promise.all([issuer.close(), secrets.close(), engine.close()]);
    },
  };
}

/**
 * Returns the variables that CDK sets on AWS, and the SDK's own ones for the addresses of its services. Functions read
 * them at their first invocation.
 */
export function functionEnvironment(
  standIns: StandIns,
  { queuesUrl, checksQueueUrl, topicArn, busUrl, sandboxUrl }: BackgroundAddresses,
  iam: IamSettings,
  {
    providers,
    credentialStore,
  }: { readonly providers: ProviderMode; readonly credentialStore: CredentialStoreName },
): Record<string, string> {
  return {
    AWS_REGION: iam.region,
    AWS_ACCESS_KEY_ID: iam.accessKeyId,
    AWS_SECRET_ACCESS_KEY: iam.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: standIns.engine.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: standIns.secrets.url,
    AWS_ENDPOINT_URL_SQS: queuesUrl,
    CHECKS_QUEUE_URL: checksQueueUrl,
    AWS_ENDPOINT_URL_EVENTBRIDGE: busUrl,
    AWS_ENDPOINT_URL_SNS: queuesUrl,
    EVENT_BUS_NAME: BUS_NAME,
    NOTICES_TOPIC_ARN: topicArn,
    ACCESS_TOKEN_TYPE: 'at+jwt',
    CATALOG_DIR: standIns.catalogDir,
    TABLE_NAME: standIns.tableName,
    ...SECRET_NAMES,
    CREDENTIALS_STORE: credentialStore,
    PROVIDERS_ENDPOINT_URL: providers === 'sandbox' ? sandboxUrl : '',
    SERVICE_NAME: 'connections',
  };
}
