import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { REGION, SECRETS_PREFIX } from '../../../local/environment.ts';
import { type QueueServer, startQueueServer } from '../../../local/queue/server.ts';
import { CredentialRegistry } from '../../../local/sandbox/credentials.ts';
import { startSandbox } from '../../../local/sandbox/server.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { indexStreamRecords } from '../../../local/table/stream-order.ts';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../../shared/catalog/compile.ts';
import { acceptedCredentials, storeSecrets } from '../../../tools/seed/credentials.ts';
import { importWrites } from '../import-project.ts';
import { type Meter, startMeter } from '../meter.ts';
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
}

/** Starts a bench with the tenants' connections, and closes it after `use`. */
export async function withCheckBench<T>(
  tenants: readonly Tenant[],
  use: (bench: CheckBench) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-bench-'));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = <R extends { close(): Promise<void> }>(resource: R): R => {
    resources.defer(() => resource.close());
    return resource;
  };
  const requestLog = new RequestLog(await seed(dataDir, tenants));
  const tableName = tableNameOf('sandbox');
  const files = dataFiles(dataDir, 'sandbox');
  indexStreamRecords(files.table);
  compileInto(files.catalog, [BUILT_IN_PROVIDERS]);
  const engine = open(await startEngine({ dataFile: files.table }));
  const meter = open(await startMeter(engine.url));
  const secrets = open(await startSecretsManager({ dataFile: files.secrets }));
  const onAuthenticated: RequestLog['add'] = (request) => requestLog.add(request);
  const sandbox = open(await startSandbox({ dataFile: files.sandbox, onAuthenticated }));
  const queues = open(await startQueueServer(REGION));
  const queueUrl = await queues.createQueue('checks', 5);
  const functions = open(
    startFunctions({
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_DYNAMODB: meter.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      CATALOG_DIR: files.catalog,
      CHECKS_QUEUE_URL: queueUrl,
      PROVIDERS_ENDPOINT_URL: sandbox.url,
      SECRETS_PREFIX,
      TABLE_NAME: tableName,
      AWS_LAMBDA_LOG_LEVEL: 'ERROR',
    }),
  );
  return await use({ functions, meter, requestLog, queues, queueUrl, engineUrl: engine.url, tableName });
}

/**
 * Writes the tenants' connections to the table, their secrets to the store and their credentials to the sandbox.
 *
 * @returns each connection by the sandbox's id of its credentials.
 */
async function seed(
  dataDir: string,
  tenants: readonly Tenant[],
): Promise<ReadonlyMap<string, DueConnection>> {
  const files = dataFiles(dataDir, 'sandbox');
  const all = tenants.flatMap(({ connections }) => connections);
  const connections = all.map(({ stored }) => stored);
  storeSecrets(files.secrets, connections);
  const ids = new CredentialRegistry(files.sandbox).issue(connections.map(acceptedCredentials));
  const writes = tenants.flatMap(({ connections }) =>
    actionsOf({ connections: connections.map(({ stored }) => ({ before: null, after: stored })) }),
  );
  await importWrites(dataDir, writes);
  return new Map(all.map((due, index) => [ids[index] ?? '', due]));
}
