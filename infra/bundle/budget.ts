import type { Bundle } from './build.ts';

/** The most that any function may weigh, minified, in bytes: what a cold start loads. */
export const BUDGET_BYTES = 380_000;
/** The most of the functions behind a page that people look at most. */
const SMALLER_BUDGETS: ReadonlyMap<string, number> = new Map([
  ['http/connections/list', 260_000],
  ['http/connections/get', 260_000],
]);

/** The bundles that weigh more than their budget. */
export function overBudget(bundles: readonly Bundle[]): readonly Bundle[] {
  return bundles.filter(({ entry, bytes }) => bytes > (SMALLER_BUDGETS.get(entry) ?? BUDGET_BYTES));
}

/** A line for each bundle, heaviest first, with its share of the budget. */
export function sizeTable(bundles: readonly Bundle[]): string {
  const width = Math.max(0, ...bundles.map(({ entry }) => entry.length));
  return bundles
    .toSorted((a, b) => b.bytes - a.bytes)
    .map(({ entry, bytes }) => {
      const size = `${(bytes / 1000).toFixed(1)} KB`.padStart(9);
      const share = `${Math.round((bytes / BUDGET_BYTES) * 100)} %`.padStart(6);
      return `${entry.padEnd(width)} ${size} ${share}`;
    })
    .join('\n');
}
