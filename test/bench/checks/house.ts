import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { REGION, SECRETS_PREFIX } from '../../../local/environment.ts';
import { type QueueServer, startQueueServer } from '../../../local/queue/server.ts';
import { startSandbox } from '../../../local/sandbox/server.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { indexStreamRecords } from '../../../local/table/stream-order.ts';
import { type Meter, startMeter } from '../meter.ts';
import { type FunctionsProcess, startFunctions } from './functions-process.ts';
import { prepare } from './prepare.ts';
import { Tally } from './tally.ts';
import type { Tenant } from './tenants.ts';

/** What of local mode the checks need, with the functions in a process of their own and a meter before the table. */
export interface ChecksHouse {
  readonly functions: FunctionsProcess;
  readonly meter: Meter;
  readonly tally: Tally;
  readonly queues: QueueServer;
  readonly queueUrl: string;
  /** The engine itself, past the meter. */
  readonly engineUrl: string;
  readonly tableName: string;
}

/** Opens it for as long as `use` takes, with the tenants' connections in it. */
export async function withChecksHouse<T>(
  tenants: readonly Tenant[],
  use: (house: ChecksHouse) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-bench-'));
  await using resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = <R extends { close(): Promise<void> }>(resource: R): R => {
    resources.defer(() => resource.close());
    return resource;
  };
  const tally = new Tally(await prepare(dataDir, tenants));
  const tableName = tableNameOf('sandbox');
  const files = dataFiles(dataDir, 'sandbox');
  indexStreamRecords(files.table);
  const engine = open(await startEngine({ dataFile: files.table }));
  const meter = open(await startMeter(engine.url));
  const secrets = open(await startSecretsManager({ dataFile: files.secrets }));
  const onAuthenticated: Tally['add'] = (request) => tally.add(request);
  const sandbox = open(await startSandbox({ dataFile: files.sandbox, onAuthenticated }));
  const queues = open(await startQueueServer(REGION));
  const queueUrl = await queues.createQueue('checks', 5);
  const functions = open(
    startFunctions({
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_DYNAMODB: meter.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      AWS_ENDPOINT_URL_SQS: queues.url,
      CHECKS_QUEUE_URL: queueUrl,
      PROVIDERS_ENDPOINT_URL: sandbox.url,
      SECRETS_PREFIX,
      TABLE_NAME: tableName,
      // What a check fails for is told; the work that goes well is not.
      POWERTOOLS_LOG_LEVEL: 'ERROR',
    }),
  );
  return await use({ functions, meter, tally, queues, queueUrl, engineUrl: engine.url, tableName });
}
