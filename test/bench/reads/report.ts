import { unitsOf } from '../meter.ts';
import { formatNumber, printHeading, printLine, printTable, type Verdict } from '../print.ts';
import { type MeteredProject, withProject } from './metered-project.ts';
import { FILTERS, LIMITS, type PageCost, readPages } from './pages.ts';
import { type BenchProject, benchProjects } from './projects.ts';
import { HITS, readSearches, type SearchCost } from './searches.ts';

/** Maximum consumption of a read, as a multiple of the cost of its bytes. */
const MAX_RATIO = 1.25;
/** Cost of one more read of 4 KB, which the item of look-ahead can add to a page. */
const ONE_READ = 0.5;
/** Maximum consumption of a search. */
const MAX_SEARCH_UNITS = 600;
/** Number of connections from which the names dominate the cost of a search. */
const LARGE = 10_000;

/** Measures the capacity of pages and searches, in projects of each size and mix. */
export async function benchReads(options: { readonly quick: boolean }): Promise<readonly Verdict[]> {
  printHeading("Reads: consumed capacity, relative to the cost of the page's bytes");
  const verdicts: Verdict[] = [];
  for (const project of await benchProjects(options)) {
    verdicts.push(...(await withProject(project, benchProject)));
  }
  return verdicts;
}

async function benchProject(metered: MeteredProject): Promise<readonly Verdict[]> {
  const { project } = metered;
  printLine(
    `${project.connections.toLocaleString('en-US')} connections, ${project.inactive * 100} % inactive\n`,
  );
  await printFixedCosts(metered);
  const costs = await pageTable(metered);
  const searches = await readSearches(metered);
  searchTable(searches);
  return [...pageVerdicts(project, costs), ...searchVerdicts(project, searches)];
}

async function printFixedCosts({ project, roles, meter }: MeteredProject): Promise<void> {
  meter.take();
  await roles.read({ projectId: project.id, userId: 'ada' });
  printLine(`Each request also reads the membership and the counts: ${unitsOf(meter.take())} units.\n`);
}

async function pageTable(metered: MeteredProject): Promise<readonly PageCost[]> {
  const all: PageCost[] = [];
  const rows: (string | number)[][] = [];
  for (const [name, filter] of Object.entries(FILTERS)) {
    for (const limit of LIMITS) {
      const costs = await readPages(metered, filter, limit);
      const { length } = costs;
      const items = sum(costs, 'items');
      const bytes = items === 0 ? '-' : formatNumber(sum(costs, 'bytes') / items, 0);
      const units = [sum(costs, 'consumed') / length, sum(costs, 'minimum') / length];
      const worst = Math.max(...costs.map(({ consumed, minimum }) => consumed / minimum));
      const ratio = sum(costs, 'consumed') / sum(costs, 'minimum');
      rows.push([
        name,
        limit,
        formatNumber(items / length, 0),
        bytes,
        ...units.map((value) => formatNumber(value)),
      ]);
      rows.at(-1)?.push(formatNumber(ratio), formatNumber(worst));
      all.push(...costs);
    }
  }
  printTable(['filter', 'limit', 'items', 'bytes each', 'consumed', 'minimum', 'ratio', 'worst page'], rows);
  return all;
}

function pageVerdicts({ id }: BenchProject, costs: readonly PageCost[]): readonly Verdict[] {
  const lists = Object.values(
    Object.groupBy(costs, ({ query: { status, providerId, expiring, sort } }) =>
      [status, providerId, expiring, sort].join(),
    ),
  ).map((pages = []) => sum(pages, 'consumed') / sum(pages, 'minimum'));
  const worst = Math.max(...lists);
  const over = costs.filter(({ consumed, minimum }) => consumed > minimum);
  const above = costs.filter(({ consumed, minimum }) => consumed / minimum > MAX_RATIO);
  const largestExcess = Math.max(...costs.map(({ consumed, minimum }) => consumed - minimum));
  const different = costs.filter(({ consumed, documented }) => consumed !== documented).length;
  return [
    {
      passed: worst <= MAX_RATIO,
      claim: `${id}: each of ${lists.length} filters and sorts consumes at most ${MAX_RATIO} of the minimum; ${formatNumber(worst)}`,
    },
    {
      passed: largestExcess <= ONE_READ,
      claim: `${id}: no page consumes more than ${ONE_READ} above the minimum; ${over.length} of ${costs.length} consume that much, which puts ${above.length} above ${MAX_RATIO}`,
    },
    {
      passed: different === 0,
      claim: `${id}: the engine counts capacity as DynamoDB documents; ${different} of ${costs.length} reads differ`,
    },
  ];
}

function searchTable(searches: readonly SearchCost[]): void {
  printTable(
    ['search, filter', 'sort', 'items', 'consumed', 'minimum', 'ratio'],
    searches.map(({ word, filter, sort, items, consumed, minimum }) => [
      `${HITS[word]}, ${filter}`,
      sort,
      items,
      formatNumber(consumed),
      formatNumber(minimum),
      formatNumber(consumed / minimum),
    ]),
  );
}

function searchVerdicts(
  { id, connections }: BenchProject,
  searches: readonly SearchCost[],
): readonly Verdict[] {
  if (connections < LARGE) return [];
  const worst = Math.max(...searches.map(({ consumed, minimum }) => consumed / minimum));
  const most = Math.max(...searches.map(({ consumed }) => consumed));
  return [
    {
      passed: most <= MAX_SEARCH_UNITS,
      claim: `${id}: a search consumes at most ${MAX_SEARCH_UNITS} units; ${formatNumber(most)}`,
    },
    {
      passed: worst <= MAX_RATIO,
      claim: `${id}: a search consumes at most ${MAX_RATIO} of the cost of the project's names and its page; ${formatNumber(worst)}`,
    },
  ];
}

function sum<K extends string>(items: readonly Readonly<Record<K, number>>[], field: K): number {
  return items.reduce((total, item) => total + item[field], 0);
}
