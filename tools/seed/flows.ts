import type { StoredConnection } from '../../shared/domain/model/connection.ts';
import type { Flow, Integration } from '../../shared/domain/model/flow.ts';
import type { Random } from './random.ts';

/** Connections that share flows with each other and with no others. */
export const BLOCK = 50;

/** Connections with all flows that use them, so that their flow counts are exact. */
export interface Block {
  readonly connections: readonly StoredConnection[];
  readonly flows: readonly Flow[];
}

const VERBS = ['Notify on', 'Sync', 'Report', 'Escalate', 'Archive', 'Mirror', 'Count'] as const;
const OBJECTS = ['bookings', 'new leads', 'invoices', 'tickets', 'sign-ups', 'orders', 'reviews'] as const;

/**
 * Adds connections to flows: each to at least one, some to several, a few twice to the same. Spreads the flows evenly
 * over the blocks; the last of them may stay empty.
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
    name: `${random.pick(VERBS)} ${random.pick(OBJECTS)}`,
    integrations: steps,
    revision: 1 + steps.length,
  }));
  return { connections: counted, flows };
}

/** Picks one flow in turn, so that every flow of the block has connections, and further ones at random. */
function flowsOf(index: number, count: number, random: Random): ReadonlySet<number> {
  const flows = new Set([index % count]);
  for (let extra = 0; extra < 4 && random.fraction() < 0.3; extra += 1) flows.add(random.below(count));
  return flows;
}
