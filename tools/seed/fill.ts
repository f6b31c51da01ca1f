import { USERS } from '../../local/users.ts';
import type { Table } from '../../shared/adapters/aws/table/client.ts';
import { actionsOf } from '../../shared/adapters/aws/table/commit.ts';
import { memberWriter, roleReader } from '../../shared/adapters/aws/table/members.ts';
import { catalog } from '../../shared/catalog/index.ts';
import type { Counts } from '../../shared/domain/model/connection.ts';
import { type SeededProvider, type SeedRequest, seededConnections } from './connections.ts';
import type { StoreCredentials } from './credentials.ts';
import { type Block, inFlows } from './flows.ts';
import { seededRandom } from './random.ts';
import { inParallel, writeAll } from './write.ts';

export interface Seeding extends SeedRequest {
  /** At least one for each block of connections. */
  readonly flows: number;
  /** True to add to a project that has connections already. */
  readonly append: boolean;
  /** The same seed gives the same data. */
  readonly seed: string;
}

/** The counts of what was written. */
export interface Seeded {
  readonly connections: number;
  readonly flows: number;
  /** Steps with connections. */
  readonly integrations: number;
  /** The project's counts, with what it had before. */
  readonly counts: Counts;
}

const WIDTH = 4;
/** Blocks whose credentials are stored together: 5,000 connections. */
const CREDENTIAL_BLOCKS = 100;

/**
 * Fills a project directly in the table, by the writes of the API's committer, so that items, index keys and counts are
 * those of the API. Writes no history, and no secrets but by `storeCredentials`, which it calls before it writes the
 * connections. Calls `onProgress` with the number of connections written so far.
 *
 * @throws Error where the project has connections already and `append` is false.
 */
export async function fillProject(
  table: Table,
  seeding: Seeding,
  onProgress: (connections: number) => void,
  storeCredentials: StoreCredentials = () => Promise.resolve(),
): Promise<Seeded> {
  const { projectId } = seeding;
  const roles = roleReader(table);
  const { all } = (await roles.read({ projectId })).counts;
  if (all > 0 && !seeding.append) {
    throw new Error(`The project "${projectId}" has ${all} connections already; --append adds more.`);
  }
  await addMembers(table, projectId);
  const written = { connections: 0, flows: 0, integrations: 0 };
  for (const blocks of inGroups(blocksOf(seeding, all), CREDENTIAL_BLOCKS)) {
    await storeCredentials(blocks.flatMap(({ connections }) => connections));
    await inParallel(blocks, WIDTH, async (block) => {
      await writeBlock(table, block);
      written.connections += block.connections.length;
      written.flows += block.flows.length;
      written.integrations += block.flows.reduce((sum, flow) => sum + flow.integrations.length, 0);
      onProgress(written.connections);
    });
  }
  const { counts } = await roles.read({ projectId });
  return { ...written, counts };
}

/** Makes the connections with their flows. `existing` is part of the seed, so that added connections are other ones. */
export function blocksOf(seeding: Seeding, existing = 0): Generator<Block> {
  const { projectId, connections: total, flows, seed } = seeding;
  const [first, ...others] = keyBasedProviders();
  if (!first) throw new Error('The catalog is empty.');
  const random = seededRandom(JSON.stringify([projectId, seed, existing]));
  const connections = seededConnections(seeding, [first, ...others], random);
  return inFlows(connections, { projectId, total, flows }, random);
}

/** Returns the providers whose credentials can be made up. */
function keyBasedProviders(): readonly SeededProvider[] {
  return catalog.list().flatMap(({ id }) => {
    const summary = catalog.summary(id);
    return summary && summary.authType !== 'oauth2' ? { ...summary, id } : [];
  });
}

function* inGroups<T>(source: Iterable<T>, size: number): Generator<readonly T[]> {
  let group: T[] = [];
  for (const item of source) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Makes the writes of a block: its connections with their counts, and its flows with their steps and uses. */
export function writesOf({ connections, flows }: Block) {
  return {
    connections: actionsOf({ connections: connections.map((after) => ({ before: null, after })) }),
    flows: flows.flatMap((after) => actionsOf({ flow: { before: null, after } })),
  };
}

async function writeBlock(table: Table, block: Block): Promise<void> {
  const { connections, flows } = writesOf(block);
  await writeAll(table, connections);
  await writeAll(table, flows);
}

/** Adds the demo users to the project, as its administrator and its member. */
export async function addMembers(table: Table, projectId: string): Promise<void> {
  const members = memberWriter(table);
  await members.put(projectId, USERS.administrator.id, 'administrator');
  await members.put(projectId, USERS.member.id, 'member');
}
