import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from '../../local/table/engine.ts';
import { TestBackend } from '../harness/backend.ts';
import { type Call, type Meter, startMeter, unitsOf } from './meter.ts';
import { heading, number, table, type Verdict } from './print.ts';

const WRITING = /^(Put|Update|Delete|TransactWrite|BatchWrite)/;

/** One operation through the API, with what it did to the table. */
interface Cost {
  readonly operation: string;
  readonly calls: readonly Call[];
}

/** Measures what each change consumes, made through the API of a whole local mode behind a meter. */
export async function benchWrites(): Promise<readonly Verdict[]> {
  heading('Writes: capacity that the engine consumed for one request');
  const costs = await withMeteredHouse(carryOut);
  table(
    ['operation', 'transactions', 'other writes', 'write units', 'indexes written', 'read units'],
    costs.map(({ operation, calls }) => {
      const writes = calls.filter((call) => WRITING.test(call.operation));
      const transactions = transactionsIn(calls);
      const indexes = new Set(writes.flatMap(({ byIndex }) => Object.keys(byIndex)));
      const reads = unitsOf(calls) - unitsOf(writes);
      const others = writes.length - transactions;
      return [operation, transactions, others, number(unitsOf(writes), 0), indexes.size, number(reads, 1)];
    }),
  );
  return [oneTransaction(costs, 'rename'), oneTransaction(costs, 'link'), oneTransaction(costs, 'unlink')];
}

function oneTransaction(costs: readonly Cost[], name: string): Verdict {
  const writes = costs
    .filter(({ operation }) => operation === name)
    .flatMap(({ calls }) => calls.filter(({ operation }) => WRITING.test(operation)));
  const passed = writes.length === 1 && transactionsIn(writes) === 1;
  return {
    passed,
    claim: `writes: each ${name} is one transaction and no other write; ${writes.length} in all`,
  };
}

function transactionsIn(calls: readonly Call[]): number {
  return calls.filter(({ operation }) => operation === 'TransactWriteItems').length;
}

/** Each operation once, on connections that are there for it. */
async function carryOut(backend: TestBackend, meter: Meter): Promise<readonly Cost[]> {
  const project = await backend.createProject();
  const [flowId, other] = [await project.createFlow(), await project.createFlow()];
  const costs: Cost[] = [];
  const measure = async <T>(operation: string, work: () => Promise<T>): Promise<T> => {
    await backend.whenIdle();
    meter.take();
    const result = await work();
    costs.push({ operation, calls: meter.take() });
    return result;
  };
  const made = await measure('create', () => project.connect({ flowId }));
  const path = `/connections/${made.id}`;
  const step = `/flows/${other}/integrations/step`;
  await measure('rename', () => project.request('PATCH', path, { body: { name: 'Renamed' } }));
  await measure('rename to the same', () => project.request('PATCH', path, { body: { name: 'Renamed' } }));
  await measure('link', () =>
    project.request('PUT', step, { body: { provider: 'trello', connectionId: made.id } }),
  );
  await measure('unlink', () => project.request('DELETE', step));
  const { credentials } = await backend.sandbox.accept('trello');
  const body = { credentials, allowAccountChange: true };
  await measure('reconnect', () => project.request('POST', `${path}/reconnect`, { body }));
  await measure('check, the first', () => project.request('POST', `${path}/check`));
  await measure('check, nothing new', () => project.request('POST', `${path}/check`));
  const doomed = await project.connect({ flowId, stepId: 'doomed' });
  await backend.sandbox.revoke(doomed.acceptedId);
  await measure('check that turns the status', () =>
    project.request('POST', `/connections/${doomed.id}/check`),
  );
  await measure('disconnect', () => project.request('DELETE', `/flows/${flowId}/integrations/doomed`));
  return costs;
}

/** A whole local mode, whose calls to its table all pass a meter. */
async function withMeteredHouse<T>(use: (backend: TestBackend, meter: Meter) => Promise<T>): Promise<T> {
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
