import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog } from '../../../shared/catalog/index.ts';
import { BLOCK } from '../../../tools/seed/flows.ts';
import { inParallel } from '../../../tools/seed/write.ts';
import { importProject } from '../import-project.ts';
import { printLine } from '../print.ts';

/** A project to read. */
export interface BenchProject {
  readonly id: string;
  readonly connections: number;
  /** Share of inactive connections. */
  readonly inactive: number;
  /** Its own data directory. */
  readonly dataDir: string;
}

const SIZES = [100, 10_000, 100_000] as const;
const INACTIVE = [0.001, 0.5, 0.99] as const;
const EXPIRING = 0.2;
/** The engine's import uses one core. */
const CONCURRENT_IMPORTS = 2;

/** The middle of the two years in which the seeded connections were created. */
export const MIDDLE = new Date('2025-01-01T00:00:00Z');
const AT = new Date('2026-01-01T00:00:00Z');

const CACHES = 'connections-read-by-the-bench-';
const ROOT = join(import.meta.dirname, '../../..');
/** Files that the seeded items depend on, besides the providers. */
const SOURCES = [
  'local/seed/{connections,fill,flows,names,random,shares}.ts',
  'local/table/create.ts',
  'test/bench/import-{project,table}.ts',
  'shared/adapters/aws/table/{commit,connection-actions,definition,flow-actions,keys}.ts',
];

/** Returns the projects. Each is created once and cached, some gigabytes in total, until its sources change. */
export async function benchProjects({
  quick,
}: {
  readonly quick: boolean;
}): Promise<readonly BenchProject[]> {
  const cache = join(tmpdir(), `${CACHES}${digest()}`);
  for (const other of globSync(`${CACHES}*`, { cwd: tmpdir() }).map((name) => join(tmpdir(), name))) {
    if (other !== cache) rmSync(other, { recursive: true, force: true });
  }
  const projects = SIZES.filter((size) => !quick || size <= 10_000).flatMap((connections) =>
    INACTIVE.map((inactive) => {
      const id = `bench-${connections}-${inactive}`;
      return { id, connections, inactive, dataDir: join(cache, id) };
    }),
  );
  await inParallel(projects, CONCURRENT_IMPORTS, createOnce);
  return projects;
}

async function createOnce({ id, connections, inactive, dataDir }: BenchProject): Promise<void> {
  const finished = join(dataDir, 'finished');
  if (existsSync(finished)) return;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  printLine(`Seeding ${id}, cached in ${dataDir}`);
  await importProject(dataDir, {
    projectId: id,
    connections,
    inactive,
    expiring: EXPIRING,
    flows: Math.ceil(connections / BLOCK) * 2,
    append: false,
    seed: 'bench',
    at: AT,
  });
  writeFileSync(finished, '');
}

function digest(): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(catalog.list().map(({ id, name }) => [id, name, catalog.summary(id)?.cadence])));
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) hash.update(readFileSync(join(ROOT, file)));
  return hash.digest('hex').slice(0, 12);
}
