import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { REGION, SECRET_NAMES } from '../../../local/environment.ts';
import { createPlatformSecrets } from '../../../local/platform-secrets.ts';
import { type QueueServer, startQueueServer } from '../../../local/queue/server.ts';
import { startSandbox } from '../../../local/sandbox/server.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { indexStreamRecords } from '../../../local/table/stream-order.ts';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import type { Action } from '../../../shared/adapters/aws/table/expression.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../../shared/catalog/compile.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import type { CredentialStoreName } from '../../../shared/domain/terms.ts';
import { acceptedCredentials, acceptInFile, storeSecrets } from '../../../tools/seed/credentials.ts';
import { type CallCounter, startCallCounter } from '../call-counter.ts';
import { importWrites } from '../import-project.ts';
import { type Meter, startMeter } from '../meter.ts';
import { sealedItems } from '../sealed-items.ts';
import { SocketCounter } from '../socket-counter.ts';
import { makeCertificate } from './certificate.ts';
import { type FunctionsProcess, startFunctions } from './functions-process.ts';
import { RequestLog } from './request-log.ts';
import type { DueConnection, Tenant } from './tenants.ts';

/** The parts of local mode that checks need: the functions in their own process, the table behind a meter. */
export interface CheckBench {
  readonly functions: FunctionsProcess;
  readonly meter: Meter;
  readonly requestLog: RequestLog;
  readonly queues: QueueServer;
  readonly queueUrl: string;
  /** The table engine's own address, without the meter. */
  readonly engineUrl: string;
  readonly tableName: string;
  /** Counts the functions' calls of Secrets Manager, and of services without an address of their own, such as KMS. */
  readonly secretCalls: CallCounter;
  readonly otherCalls: CallCounter;
  /** The connections to providers, each with a TLS handshake. */
  readonly providerSockets: Readonly<SocketCounter>;
}

/** Starts a bench with the tenants' connections, their credentials in one store, and closes it after `use`. */
export async function withCheckBench<T>(
  tenants: readonly Tenant[],
  store: CredentialStoreName,
  use: (bench: CheckBench) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-bench-'));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = <R extends { close(): Promise<void> }>(resource: R): R => {
    resources.defer(() => resource.close());
    return resource;
  };
  const tableName = tableNameOf('sandbox');
  const files = dataFiles(dataDir, 'sandbox');
  const secrets = open(await startSecretsManager({ dataFile: files.secrets }));
  await createPlatformSecrets(secrets.url, []);
  const requestLog = new RequestLog(await seed(dataDir, tenants, store, secrets.url));
  indexStreamRecords(files.table);
  compileInto(files.catalog, [BUILT_IN_PROVIDERS]);
  const engine = open(await startEngine({ dataFile: files.table }));
  const meter = open(await startMeter(engine.url));
  const secretCalls = open(await startCallCounter(secrets.url));
  const otherCalls = open(await startCallCounter(undefined));
  const onAuthenticated: RequestLog['add'] = (request) => requestLog.add(request);
  const tls = await makeCertificate(dataDir);
  const providerSockets = new SocketCounter();
  const onServer = providerSockets.watch.bind(providerSockets);
  const sandbox = open(await startSandbox({ dataFile: files.sandbox, tls, onServer, onAuthenticated }));
  const queues = open(await startQueueServer(REGION));
  const queueUrl = await queues.createQueue('checks', 5);
  const functions = open(
    startFunctions({
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_DYNAMODB: meter.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretCalls.url,
      AWS_ENDPOINT_URL: otherCalls.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      CATALOG_DIR: files.catalog,
      CHECKS_QUEUE_URL: queueUrl,
      PROVIDERS_ENDPOINT_URL: sandbox.url,
      NODE_EXTRA_CA_CERTS: tls.certFile,
      ...SECRET_NAMES,
      TABLE_NAME: tableName,
      AWS_LAMBDA_LOG_LEVEL: 'ERROR',
    }),
  );
  const calls = { meter, requestLog, secretCalls, otherCalls, providerSockets };
  return await use({ ...calls, functions, queues, queueUrl, engineUrl: engine.url, tableName });
}

/**
 * Writes the tenants' connections to the table, their credentials to their store and to the sandbox.
 *
 * @returns each connection by the sandbox's id of its credentials.
 */
async function seed(
  dataDir: string,
  tenants: readonly Tenant[],
  store: CredentialStoreName,
  secretsUrl: string,
): Promise<ReadonlyMap<string, DueConnection>> {
  const files = dataFiles(dataDir, 'sandbox');
  const all = tenants.flatMap(({ connections }) => connections);
  const connections = all.map(({ stored }): StoredConnection => ({ ...stored, credentialStore: store }));
  const ids = acceptInFile(files.sandbox, connections.map(acceptedCredentials));
  if (store === 'secret-per-connection') storeSecrets(files.secrets, connections);
  await importWrites(dataDir, writesOf(connections, store, secretsUrl));
  return new Map(all.map((due, index) => [ids[index] ?? '', due]));
}

async function* writesOf(
  connections: readonly StoredConnection[],
  store: CredentialStoreName,
  secretsUrl: string,
): AsyncGenerator<Action> {
  yield* actionsOf({ connections: connections.map((after) => ({ before: null, after })) });
  if (store !== 'sealed') return;
  const secrets = new SecretsManagerClient({ endpoint: secretsUrl });
  const itemsOf = sealedItems(secrets);
  for (const stored of connections) yield* await itemsOf(stored);
  secrets.destroy();
}
