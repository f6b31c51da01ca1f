import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../local/table/engine.ts';
import { TestBackend } from '../harness/backend.ts';
import { type Call, type Meter, startMeter, unitsOf } from './meter.ts';
import { formatNumber, printHeading, printTable, type Verdict } from './print.ts';

const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;

/** One operation of the API, with its calls of the table. */
interface Cost {
  readonly operation: string;
  readonly calls: readonly Call[];
}

/** Measures the capacity that each change through the API consumes. */
export async function benchWrites(): Promise<readonly Verdict[]> {
  printHeading('Writes: consumed capacity of one request');
  const costs = await withMeteredBackend(measureOperations);
  printTable(
    ['operation', 'calls', 'transactions', 'other writes', 'write units', 'indexes written', 'read units'],
    costs.map(({ operation, calls }) => {
      const writes = calls.filter((call) => WRITING.test(call.operation));
      const transactions = transactionsIn(calls);
      const indexes = new Set(writes.flatMap(({ byIndex }) => Object.keys(byIndex)));
      const reads = unitsOf(calls) - unitsOf(writes);
      const others = writes.length - transactions;
      return [
        operation,
        calls.length,
        transactions,
        others,
        formatNumber(unitsOf(writes), 0),
        indexes.size,
        formatNumber(reads, 1),
      ];
    }),
  );
  return [
    oneTransaction(costs, 'rename'),
    oneTransaction(costs, 'link', { isCounted: true }),
    oneTransaction(costs, 'unlink'),
    ...accessTokenVerdicts(costs),
  ];
}

/**
 * Issuing a valid access token is one call that reads. A refresh writes once for its lease and once for the tokens, and no index but
 * that of operations to recover.
 */
function accessTokenVerdicts(costs: readonly Cost[]): readonly Verdict[] {
  const callsOf = (name: string) => costs.find(({ operation }) => operation === name)?.calls ?? [];
  const valid = callsOf(ISSUE_VALID);
  const refresh = callsOf(ISSUE_REFRESHED).filter(({ operation }) => WRITING.test(operation));
  const indexes = new Set(refresh.flatMap(({ byIndex }) => Object.keys(byIndex)));
  return [
    {
      passed: valid.length === 1 && valid[0]?.operation === 'BatchGetItem',
      claim: `writes: a valid access token is issued by one call that reads and no write; ${valid.length} calls`,
    },
    {
      passed: refresh.length === 2 && indexes.size <= 1,
      claim: `writes: a refresh writes the lease and the tokens, in one index; ${refresh.length} writes`,
    },
  ];
}

const ISSUE_VALID = 'issue a valid access token';
const ISSUE_REFRESHED = 'issue, refreshed';

/** Requests of a route that may call a provider are counted, which is a write of its own (docs/decisions/0039). */
function oneTransaction(costs: readonly Cost[], name: string, { isCounted = false } = {}): Verdict {
  const writes = costs
    .filter(({ operation }) => operation === name)
    .flatMap(({ calls }) => calls.filter(({ operation }) => WRITING.test(operation)));
  const others = writes.length - transactionsIn(writes);
  const claim = isCounted
    ? 'one transaction and the count of the request'
    : 'one transaction and no other write';
  return {
    passed: transactionsIn(writes) === 1 && others === Number(isCounted),
    claim: `writes: each ${name} is ${claim}; ${writes.length} writes in total`,
  };
}

function transactionsIn(calls: readonly Call[]): number {
  return calls.filter(({ operation }) => operation === 'TransactWriteItems').length;
}

/** Executes and measures each operation once. */
async function measureOperations(backend: TestBackend, meter: Meter): Promise<readonly Cost[]> {
  const project = await backend.createProject();
  const [flowId, other] = [await project.createFlow(), await project.createFlow()];
  const costs: Cost[] = [];
  const measure = async <T>(operation: string, execute: () => Promise<T>): Promise<T> => {
    await backend.whenIdle();
    meter.take();
    const result = await execute();
    costs.push({ operation, calls: meter.take() });
    return result;
  };
  const connection = await measure('create', () => project.connect({ flowId }));
  const path = `/connections/${connection.id}`;
  const step = `/flows/${other}/integrations/step`;
  await measure('rename', () => project.request('PATCH', path, { body: { name: 'Renamed' } }));
  await measure('rename to the same name', () =>
    project.request('PATCH', path, { body: { name: 'Renamed' } }),
  );
  await measure('link', () =>
    project.request('PUT', step, { body: { provider: 'trello', connectionId: connection.id } }),
  );
  await measure('unlink', () => project.request('DELETE', step));
  const { credentials } = await backend.sandbox.accept('trello');
  const body = { credentials, allowAccountChange: true };
  await measure('reconnect', () => project.request('POST', `${path}/reconnect`, { body }));
  await measure('first check', () => project.request('POST', `${path}/check`));
  await measure('check without new findings', () => project.request('POST', `${path}/check`));
  const revoked = await project.connect({ flowId, stepId: 'revoked' });
  await backend.sandbox.revoke(revoked.acceptedId);
  await measure('check that changes the status', () =>
    project.request('POST', `/connections/${revoked.id}/check`),
  );
  await measure('disconnect', () => project.request('DELETE', `/flows/${flowId}/integrations/revoked`));
  await measureAccessTokens(backend, measure);
  return costs;
}

type Measure = <T>(operation: string, execute: () => Promise<T>) => Promise<T>;

/** Measures what the engine's requests for access tokens consume. */
async function measureAccessTokens(backend: TestBackend, measure: Measure): Promise<void> {
  const project = await backend.createProject();
  const issue = ({ id }: { readonly id: string }, minValiditySeconds = 300) => {
    const path = `/v1/runtime/projects/${project.id}/connections/${id}/credentials`;
    return backend.engineRequest('POST', path, { minValiditySeconds });
  };
  const calendar = await measure('create by authorization', () => project.authorize());
  await measure(ISSUE_VALID, () => issue(calendar));
  // Longer than the token lasts.
  await measure(ISSUE_REFRESHED, () => issue(calendar, 3_600));
  const box = await project.authorize({ provider: 'box' });
  await measure('issue, refresh token replaced', () => issue(box, 3_600));
}

/** Starts local mode with a meter in front of its table, and closes it after `use`. */
async function withMeteredBackend<T>(use: (backend: TestBackend, meter: Meter) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'connections-bench-'));
  const engine = await startEngine({ dataFile: join(dataDir, 'table.db') });
  const meter = await startMeter(engine.url);
  process.env.DYNAMODB_ENDPOINT = meter.url;
  const backend = await TestBackend.open();
  try {
    return await use(backend, meter);
  } finally {
    await backend.close();
    delete process.env.DYNAMODB_ENDPOINT;
    await meter.close();
    await engine.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
