import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wiring } from '../../../functions/wiring/index.ts';
import { dataFiles, tableNameOf } from '../../../local/data-folder.ts';
import { REGION, SECRET_NAMES } from '../../../local/environment.ts';
import { startQueueServer } from '../../../local/queue/server.ts';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';
import { startEngine } from '../../../local/table/engine.ts';
import { openTable, type Table } from '../../../shared/adapters/aws/table/client.ts';
import { checkSchedule } from '../../../shared/adapters/aws/table/schedule.ts';
import { BUILT_IN_PROVIDERS, compileInto } from '../../../shared/catalog/compile.ts';
import { queueWorkers } from '../../../shared/contract/background/index.ts';
import type { PortsFor } from '../../../shared/contract/capabilities.ts';
import type { CheckSchedule } from '../../../shared/domain/checks/ports.ts';
import type { Verifier } from '../../../shared/domain/credentials/verification.ts';
import type { OperationContext } from '../../../shared/domain/operation-context.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { createPorts } from '../../../shared/runtime/ports.ts';
import { type CallCounter, startCallCounter } from '../call-counter.ts';
import { type Meter, startMeter } from '../meter.ts';
import { fillTable, type Size } from './fill.ts';

const { capabilities } = queueWorkers.checkConnections;

/** The ports of the check worker. */
export type WorkerPorts = OperationContext & PortsFor<(typeof capabilities)[number]>;

/** A filled table behind a meter, and the ports of the check worker on it. */
export interface ScaleBench {
  readonly size: Size;
  /** The connections in the table. */
  readonly stored: number;
  readonly table: Table;
  readonly meter: Meter;
  readonly schedule: CheckSchedule;
  /** The production ports, except that providers accept all credentials at once. */
  readonly ports: WorkerPorts;
  readonly secretCalls: CallCounter;
  readonly fillSeconds: number;
  readonly tableBytes: number;
}

const ACCEPTING: Verifier = {
  verify: () => Promise.resolve({ outcome: 'ok', account: null, expiresAt: null }),
};

/** Fills a table, opens it, and closes and deletes it after `use`. */
export async function withScaleBench<T>(size: Size, use: (bench: ScaleBench) => Promise<T>): Promise<T> {
  await using resources = new AsyncDisposableStack();
  const open = <R extends { close(): Promise<void> }>(resource: R): R => {
    resources.defer(() => resource.close());
    return resource;
  };
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-scale-'));
  resources.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const startedAt = performance.now();
  const stored = await fillTable(dataDir, size);
  const fillSeconds = (performance.now() - startedAt) / 1_000;
  const files = dataFiles(dataDir, 'sandbox');
  compileInto(files.catalog, [BUILT_IN_PROVIDERS]);
  const meter = open(await startMeter(open(await startEngine({ dataFile: files.table })).url));
  const secrets = open(await startSecretsManager({ dataFile: files.secrets }));
  const secretCalls = open(await startCallCounter(secrets.url));
  const queues = open(await startQueueServer(REGION));
  const TABLE_NAME = tableNameOf('sandbox');
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: meter.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretCalls.url,
    AWS_ENDPOINT_URL_SQS: queues.url,
    CATALOG_DIR: files.catalog,
    CHECKS_QUEUE_URL: await queues.createQueue('checks', 5),
    ...SECRET_NAMES,
    TABLE_NAME,
  });
  const table = openTable(TABLE_NAME);
  resources.defer(() => table.client.destroy());
  const production = createPorts<PortsFor<(typeof capabilities)[number]>>(capabilities, wiring);
  const ports = { ...createBaseContext(), correlationId: 'bench', ...production, verifier: ACCEPTING };
  const { size: tableBytes } = statSync(files.table);
  const schedule = checkSchedule(table);
  return await use({
    size,
    stored,
    table,
    meter,
    schedule,
    ports,
    secretCalls,
    fillSeconds,
    tableBytes,
  });
}
