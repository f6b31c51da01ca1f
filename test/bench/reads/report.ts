import { unitsOf } from '../meter.ts';
import { heading, number, say, table, type Verdict } from '../print.ts';
import { type MeteredProject, withProject } from './metered-project.ts';
import { FILTERS, LIMITS, type PageCost, pagesOf } from './pages.ts';
import { type BenchProject, benchProjects } from './projects.ts';
import { HITS, type SearchCost, searchesOf } from './searches.ts';

/** The most that a read may consume, as a multiple of what its bytes cost. */
const ALLOWED = 1.25;
/** What one more read of 4 KB costs: what the item of look-ahead can add to a page. */
const ONE_READ = 0.5;
/** From how many connections on the names outweigh the first reads of a search. */
const LARGE = 10_000;

/** Measures what pages and searches consume, in projects of each size and mix. */
export async function benchReads(options: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  heading('Reads: capacity that the engine consumed, against what the bytes of the page cost');
  const verdicts: Verdict[] = [];
  for (const project of await benchProjects(options)) {
    verdicts.push(...(await withProject(project, benchProject)));
  }
  return verdicts;
}

async function benchProject(metered: MeteredProject): Promise<readonly Verdict[]> {
  const { project } = metered;
  say(`${project.connections.toLocaleString('en-US')} connections, ${project.inactive * 100} % inactive\n`);
  await sayFixedCosts(metered);
  const costs = await pageTable(metered);
  const searches = await searchesOf(metered);
  searchTable(searches);
  return [...pageVerdicts(project, costs), ...searchVerdicts(project, searches)];
}

async function sayFixedCosts({ project, reader, meter }: MeteredProject): Promise<void> {
  meter.take();
  await reader.roleOf(project.id, 'ada');
  const role = unitsOf(meter.take());
  await reader.counts(project.id);
  const counts = unitsOf(meter.take());
  say(`Besides the page, each request reads the membership (${role}) and the counts (${counts}).\n`);
}

async function pageTable(metered: MeteredProject): Promise<readonly PageCost[]> {
  const all: PageCost[] = [];
  const rows: (string | number)[][] = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    for (const limit of LIMITS) {
      const costs = await pagesOf(metered, filter, limit);
      const { length } = costs;
      const items = sum(costs, 'items');
      const bytes = items === 0 ? '-' : number(sum(costs, 'bytes') / items, 0);
      const units = [sum(costs, 'consumed') / length, sum(costs, 'due') / length];
      const worst = Math.max(...costs.map(({ consumed, due }) => consumed / due));
      const ratio = sum(costs, 'consumed') / sum(costs, 'due');
      rows.push([name, limit, number(items / length, 0), bytes, ...units.map((value) => number(value))]);
      rows.at(-1)?.push(number(ratio), number(worst));
      all.push(...costs);
    }
  }
  table(['filter', 'limit', 'items', 'bytes each', 'consumed', 'bytes cost', 'ratio', 'worst page'], rows);
  return all;
}

function pageVerdicts({ id }: BenchProject, costs: readonly PageCost[]): readonly Verdict[] {
  const lists = Object.values(
    Object.groupBy(costs, ({ query: { status, providerId, expiring, sort } }) =>
      [status, providerId, expiring, sort].join(),
    ),
  ).map((pages = []) => sum(pages, 'consumed') / sum(pages, 'due'));
  const worst = Math.max(...lists);
  const over = costs.filter(({ consumed, due }) => consumed > due);
  const above = costs.filter(({ consumed, due }) => consumed / due > ALLOWED);
  const most = Math.max(...costs.map(({ consumed, due }) => consumed - due));
  const misreckoned = costs.filter(({ consumed, reckoned }) => consumed !== reckoned).length;
  return [
    {
      passed: worst <= ALLOWED,
      claim: `${id}: each of ${lists.length} filters and sorts consumes at most ${ALLOWED} of its bytes; ${number(worst)}`,
    },
    {
      passed: most <= ONE_READ,
      claim: `${id}: no page consumes over ${ONE_READ} beyond its bytes; ${over.length} of ${costs.length} do consume that, ${above.length} being above ${ALLOWED} by it`,
    },
    {
      passed: misreckoned === 0,
      claim: `${id}: the engine counts as DynamoDB documents; ${misreckoned} of ${costs.length} reads differ`,
    },
  ];
}

function searchTable(searches: readonly SearchCost[]): void {
  table(
    ['search, filter', 'sort', 'items', 'consumed', 'names + page', 'ratio'],
    searches.map(({ word, filter, sort, items, consumed, due }) => [
      `${HITS[word]}, ${filter}`,
      sort,
      items,
      number(consumed),
      number(due),
      number(consumed / due),
    ]),
  );
}

function searchVerdicts(
  { id, connections }: BenchProject,
  searches: readonly SearchCost[],
): readonly Verdict[] {
  if (connections < LARGE) return [];
  const worst = Math.max(...searches.map(({ consumed, due }) => consumed / due));
  return [
    {
      passed: worst <= ALLOWED,
      claim: `${id}: a search consumes at most ${ALLOWED} of the project's names and its page; ${number(worst)}`,
    },
  ];
}

function sum<K extends string>(of: readonly Readonly<Record<K, number>>[], field: K): number {
  return of.reduce((total, one) => total + one[field], 0);
}
