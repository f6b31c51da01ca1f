import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREDENTIALS_KEY_SECRET, SECRETS_PREFIX } from '../../local/environment.ts';
import { migrateAll } from '../../shared/domain/connections/migrate.ts';
import type { CredentialStoreName } from '../../shared/domain/terms.ts';
import { openStage } from '../../tools/credentials/open.ts';
import { type CheckBench, withCheckBench } from './checks/check-bench.ts';
import { createTenants, type Tenant } from './checks/tenants.ts';
import { PRICES } from './cost/prices.ts';
import { type Call, unitsOf } from './meter.ts';
import { formatNumber, printHeading, printTable, type Verdict } from './print.ts';

/** Projects of 20 connections each. */
const PROJECTS = 10;
const CONCURRENCY = 8;
const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;
/** USD for a thousand connections: docs/credential-stores.md. */
const MAX_USD = 0.05;

/** Usage of a move of all connections to a store. */
interface Moved {
  readonly to: CredentialStoreName;
  readonly connections: number;
  readonly moved: number;
  readonly reads: number;
  readonly writes: number;
  readonly secretCalls: Readonly<Record<string, number>>;
}

/** Measures what it takes to move connections to the sealed store, and back. */
export async function benchMigration(): Promise<readonly Verdict[]> {
  printHeading('Migration: what one connection takes, with the deletion of its old copy');
  const tenants = createTenants(1)
    .filter(({ projectId }) => projectId !== 'large')
    .slice(0, PROJECTS);
  const results = await withCheckBench(tenants, 'secret-per-connection', async (bench) => [
    await move(bench, tenants, 'sealed'),
    await move(bench, tenants, 'secret-per-connection'),
  ]);
  printTable(
    ['to', 'moved', 'read units', 'write units', 'secret calls', 'USD for a thousand'],
    results.map((result) => [
      result.to,
      result.moved,
      formatNumber(result.reads / result.connections),
      formatNumber(result.writes / result.connections),
      formatNumber(callsOf(result) / result.connections),
      formatNumber(usdOfThousand(result), 3),
    ]),
  );
  return results.map((result) => ({
    passed: result.moved === result.connections && usdOfThousand(result) <= MAX_USD,
    claim: `migration: all ${result.connections} connections move to ${result.to}, for at most ${MAX_USD} USD a thousand; ${result.moved}, for ${formatNumber(usdOfThousand(result), 3)}`,
  }));
}

async function move(
  { meter, secretCalls, tableName }: CheckBench,
  tenants: readonly Tenant[],
  to: CredentialStoreName,
): Promise<Moved> {
  const folder = mkdtempSync(join(tmpdir(), 'connections-stage-'));
  const environment = join(folder, 'stage.json');
  writeFileSync(
    environment,
    JSON.stringify({ TABLE_NAME: tableName, SECRETS_PREFIX, CREDENTIALS_KEY_SECRET }),
  );
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: meter.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretCalls.url,
  });
  const stage = openStage(environment);
  const from = to === 'sealed' ? 'secret-per-connection' : 'sealed';
  try {
    meter.take();
    secretCalls.take();
    const { counts } = await migrateAll(
      {
        connections: stage.connections,
        to,
        concurrency: CONCURRENCY,
        pace: () => Promise.resolve(),
        onProgress: () => undefined,
      },
      stage.ports,
    );
    const connections = tenants.flatMap((tenant) => tenant.connections);
    for (const { stored } of connections) {
      const { projectId, id: connectionId } = stored.connection;
      await stage.ports.credentials.retire({ projectId, connectionId, store: from });
    }
    const calls = meter.take().filter((call) => !isOfSlots(call));
    const writes = unitsOf(calls.filter(({ operation }) => WRITING.test(operation)));
    return {
      to,
      connections: connections.length,
      moved: counts.moved,
      reads: unitsOf(calls) - writes,
      writes,
      secretCalls: secretCalls.take(),
    };
  } finally {
    stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Finding the connections reads 1,860 slots, whatever their number. */
function isOfSlots({ byIndex, operation }: Call): boolean {
  return operation === 'Query' && 'checks' in byIndex;
}

function callsOf({ secretCalls }: Moved): number {
  return Object.values(secretCalls).reduce((sum, count) => sum + count, 0);
}

/** A call that reads or writes a secret is one of KMS, too. */
function usdOfThousand(result: Moved): number {
  const { readUnit, writeUnit, secretCall, keyCall } = PRICES;
  const table = result.reads * readUnit.usd + result.writes * writeUnit.usd;
  const secrets = callsOf(result) * (secretCall.usd + keyCall.usd);
  return ((table + secrets) / result.connections) * 1_000;
}
