import type { StoredConnection } from '../../shared/domain/connections/stored.ts';
import type { Flow, Integration } from '../../shared/domain/flows/flow.ts';
import type { Random } from './random.ts';

/** How many connections share their flows: no flow reaches beyond its block. */
export const BLOCK = 50;

/** Connections with the flows that use them, so that every flow count is true within the block. */
export interface Block {
  readonly connections: readonly StoredConnection[];
  readonly flows: readonly Flow[];
}

const DOINGS = ['Notify on', 'Sync', 'Report', 'Escalate', 'Archive', 'Mirror', 'Count'] as const;
const THINGS = ['bookings', 'new leads', 'invoices', 'tickets', 'sign-ups', 'orders', 'reviews'] as const;

/**
 * Puts connections into flows: each into one at least, as an integration made it, some into several, now and
 * then twice into the same. The flows are spread evenly over the blocks; the last of them may stay empty.
 */
export function* inFlows(
  connections: Iterable<StoredConnection>,
  { projectId, total, flows }: { projectId: string; total: number; flows: number },
  random: Random,
): Generator<Block> {
  const blocks = Math.ceil(total / BLOCK);
  const upTo = (block: number) => Math.floor((block * flows) / blocks);
  let waiting: StoredConnection[] = [];
  let block = 0;
  let seen = 0;
  for (const connection of connections) {
    waiting.push(connection);
    seen += 1;
    if (waiting.length < BLOCK && seen < total) continue;
    const count = upTo(block + 1) - upTo(block);
    yield blockOf(waiting, { projectId, count }, random);
    waiting = [];
    block += 1;
  }
}

function blockOf(
  connections: readonly StoredConnection[],
  { projectId, count }: { projectId: string; count: number },
  random: Random,
): Block {
  const integrations = Array.from({ length: count }, (): Integration[] => []);
  const counted = connections.map((stored, index) => {
    const flows = flowsOf(index, count, random);
    const { id: connectionId, providerId } = stored.connection;
    for (const flow of flows) {
      const steps = integrations[flow] ?? [];
      for (let uses = random.fraction() < 0.05 ? 2 : 1; uses > 0; uses -= 1) {
        steps.push({ stepId: `step-${steps.length + 1}`, providerId, connectionId });
      }
    }
    return { ...stored, connection: { ...stored.connection, flowCount: flows.size } };
  });
  const flows = integrations.map((steps) => ({
    projectId,
    id: `flow-${Buffer.from(random.bytes(8)).toString('hex')}`,
    name: `${random.pick(DOINGS)} ${random.pick(THINGS)}`,
    integrations: steps,
    revision: 1 + steps.length,
  }));
  return { connections: counted, flows };
}

/** In turn, so that every flow of the block gets some; then by chance. */
function flowsOf(index: number, count: number, random: Random): ReadonlySet<number> {
  const flows = new Set([index % count]);
  for (let extra = 0; extra < 4 && random.fraction() < 0.3; extra += 1) flows.add(random.below(count));
  return flows;
}
