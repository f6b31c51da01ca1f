import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Project, TestBackend, type TestConnection } from '../../harness/backend.ts';
import { readAllPages } from '../../harness/views.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

const FLOWS = ['f0', 'f1', 'f2'];
const STEPS = ['s0', 's1'];

const step = { flow: fc.constantFrom(...FLOWS), step: fc.constantFrom(...STEPS) };
const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('link' as const), ...step, which: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unlink' as const), ...step }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('connect' as const), ...step }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('removeFlow' as const), flow: step.flow }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke' as const), which: fc.nat(2) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Possible status codes while other operations change the same items. */
const EXPECTED: Readonly<Record<Operation['kind'], readonly number[]>> = {
  link: [200, 404],
  unlink: [204, 404],
  connect: [201, 404],
  removeFlow: [204, 404],
  revoke: [200, 404],
};

async function carryOut(
  project: Project,
  connections: readonly TestConnection[],
  operation: Operation,
): Promise<number> {
  const { kind } = operation;
  const connection = 'which' in operation ? connections[operation.which] : undefined;
  if (kind === 'link' && connection)
    return (await project.link(operation.flow, operation.step, connection)).status;
  if (kind === 'unlink') return (await project.unlink(operation.flow, operation.step)).status;
  if (kind === 'removeFlow') return (await project.request('DELETE', `/flows/${operation.flow}`)).status;
  if (kind === 'revoke' && connection) {
    await backend.sandbox.revoke(connection.acceptedId);
    return (await project.request('POST', `/connections/${connection.id}/check`)).status;
  }
  if (kind !== 'connect') throw new Error('There are three connections.');
  const { credentials } = await backend.sandbox.accept('trello');
  const path = `/flows/${operation.flow}/integrations/${operation.step}`;
  return (await project.request('PUT', path, { body: { provider: 'trello', credentials } })).status;
}

/** Compares every count with the steps of the flows. */
async function expectExact(project: Project): Promise<void> {
  const flows = await readAllPages((part) => project.flows(part), [100]);
  const uses = new Map<string, Set<string>>();
  for (const { id, integrations } of flows) {
    for (const { connectionId } of integrations) {
      uses.set(connectionId, (uses.get(connectionId) ?? new Set()).add(id));
    }
  }
  const { items, counts } = await project.list({ limit: '100' });
  expect(items.map(({ id }) => id).toSorted()).toEqual([...uses.keys()].toSorted());
  for (const { id, flowCount } of items) {
    expect(flowCount).toBe(uses.get(id)?.size);
    const using = await project.flows({ connectionId: id });
    expect(using.items.map((flow) => flow.id)).toEqual([...(uses.get(id) ?? [])]);
  }
  const active = items.filter(({ status }) => status === 'active').length;
  expect(counts).toEqual({ all: items.length, active, inactive: items.length - active });
  for (const status of ['active', 'inactive'] as const) {
    expect((await project.list({ status })).items).toHaveLength(counts[status]);
  }
}

describe('the counts', () => {
  test('are exact after any concurrent operations', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(operation, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 4 }),
        async (batches) => {
          const project = await backend.createProject();
          for (const flow of FLOWS) await project.createFlow(flow);
          const connections: TestConnection[] = [];
          for (const flowId of FLOWS) connections.push(await project.connect({ flowId, stepId: 's0' }));
          for (const batch of batches) {
            const statuses = await Promise.all(batch.map((one) => carryOut(project, connections, one)));
            for (const [index, { kind }] of batch.entries())
              expect(EXPECTED[kind]).toContain(statuses[index]);
            await expectExact(project);
          }
        },
      ),
      { numRuns: 10, interruptAfterTimeLimit: 6_000 },
    );
  });

  test('are exact after concurrent links of one connection', async () => {
    const project = await backend.createProject();
    const made = await project.connect();
    const flows = await Promise.all(Array.from({ length: 6 }, () => project.createFlow()));
    const linked = await Promise.all(flows.map((flowId) => project.link(flowId, 'step', made)));
    expect(linked.map(({ status }) => status)).toEqual(flows.map(() => 200));
    expect(await project.get(made.id)).toMatchObject({ flowCount: 7, version: 7 });
    await Promise.all([...flows, made.flowId].map((flowId) => project.unlink(flowId, 'step')));
    expect(await project.list()).toMatchObject({ items: [], counts: { all: 0, active: 0, inactive: 0 } });
    expect((await project.history(made.id)).items.filter(({ type }) => type === 'disconnected')).toHaveLength(
      1,
    );
  });
});
