import { USERS } from '../../local/users.ts';
import type { Table } from '../../shared/adapters/aws/table/client.ts';
import { actionsOf } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { memberWriter } from '../../shared/adapters/aws/table/members.ts';
import { catalog } from '../../shared/catalog/index.ts';
import type { Counts } from '../../shared/domain/connections/reader.ts';
import type { StoredConnection } from '../../shared/domain/connections/stored.ts';
import { seededConnections, type TokenRequest } from './connections.ts';
import { type Block, inFlows } from './flows.ts';
import { inParallel } from './parallel.ts';
import { seededRandom } from './random.ts';
import { writeAll } from './write.ts';

export interface Seeding extends TokenRequest {
  /** At least one for each block of connections. */
  readonly flows: number;
  /** Whether a project that holds connections already gets more. */
  readonly append: boolean;
  /** Other data for another one; the same for the same. */
  readonly seed: string;
}

/** What was written. */
export interface Seeded {
  readonly connections: number;
  readonly flows: number;
  /** Of steps with connections. */
  readonly integrations: number;
  /** The project's, with what it held before. */
  readonly counts: Counts;
}

const WIDTH = 4;
/** How many blocks get their credentials at a time: 5,000 connections. */
const TOGETHER = 100;

/** Has connections have what a check of them needs. */
export type GiveCredentials = (connections: readonly StoredConnection[]) => Promise<void>;

/**
 * Fills a project straight in the table, with the very writes that the API's committer makes, so that
 * items, index keys and counts are those of the API. History is left out, and so are secrets, but for what
 * `giveCredentials` does with connections that are about to be there. `onProgress` is told how many there are by now.
 *
 * @throws Error where the project holds connections already and is not to get more.
 */
export async function fillProject(
  table: Table,
  seeding: Seeding,
  onProgress: (connections: number) => void,
  giveCredentials: GiveCredentials = () => Promise.resolve(),
): Promise<Seeded> {
  const { projectId } = seeding;
  const { counts } = connectionReader(table);
  const { all } = await counts(projectId);
  if (all > 0 && !seeding.append) {
    throw new Error(`The project "${projectId}" holds ${all} connections already; --append adds more.`);
  }
  await addPeople(table, projectId);
  const written = { connections: 0, flows: 0, integrations: 0 };
  for (const blocks of inGroups(blocksOf(seeding, all), TOGETHER)) {
    await giveCredentials(blocks.flatMap(({ connections }) => connections));
    await inParallel(blocks, WIDTH, async (block) => {
      await writeBlock(table, block);
      written.connections += block.connections.length;
      written.flows += block.flows.length;
      written.integrations += block.flows.reduce((sum, flow) => sum + flow.integrations.length, 0);
      onProgress(written.connections);
    });
  }
  return { ...written, counts: await counts(projectId) };
}

/**
 * The connections to write, with their flows. What is there already is part of the chance, so that more connections
 * are other connections.
 */
export function blocksOf(seeding: Seeding, existing = 0): Generator<Block> {
  const { projectId, connections: total, flows, seed } = seeding;
  const [first, ...others] = catalog.list().flatMap(({ id }) => catalog.get(id) ?? []);
  if (!first) throw new Error('The catalogue is empty.');
  const random = seededRandom(JSON.stringify([projectId, seed, existing]));
  const connections = seededConnections(seeding, [first, ...others], random);
  return inFlows(connections, { projectId, total, flows }, random);
}

function* inGroups<T>(source: Iterable<T>, size: number): Generator<readonly T[]> {
  let group: T[] = [];
  for (const one of source) {
    group.push(one);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The writes of a block: all its connections with their counts, and its flows with their steps and uses. */
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

/** Has the project's administrator and its member join. */
export async function addPeople(table: Table, projectId: string): Promise<void> {
  const { putMember } = memberWriter(table);
  await putMember(projectId, USERS.administrator.id, 'administrator');
  await putMember(projectId, USERS.member.id, 'member');
}
