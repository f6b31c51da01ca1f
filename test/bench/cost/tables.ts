import { CADENCES, CREDENTIAL_STORES, type CredentialStoreName } from '../../../shared/domain/terms.ts';
import { type Bill, billOf, PARTS, refreshCost, stage, totalOf } from './bill.ts';
import { monthOfChecks } from './checks.ts';
import { PRICES } from './prices.ts';
import { REFRESHES } from './usage.ts';

/** Numbers of connections that the bills are computed for. */
export const SIZES = [1_000, 10_000, 100_000, 1_000_000] as const;
const [, , , LARGEST] = SIZES;

const CADENCE_NAMES = { hour: 'an hour', six_hours: 'six hours', day: 'a day' } as const;
const MILLION = 1e6;

/** The generated tables of docs/cost.md, by the name of their comment. */
function tables(): Readonly<Record<string, string>> {
  return {
    prices: prices(),
    totals: totals(),
    'parts of secret-per-connection': parts('secret-per-connection'),
    'parts of sealed': parts('sealed'),
    'a million checks': checks(),
    refreshes: refreshes(),
    stage: stageTable(),
  };
}

/**
 * Puts the tables into a text, between `<!-- table: name -->` and `<!-- end of table -->`.
 *
 * @throws Error for a name without a table, or a table without its place.
 */
export function withTables(text: string): string {
  const missing = new Map(Object.entries(tables()));
  const updated = text.replace(
    /(<!-- table: ([^>]+) -->\n).*?(<!-- end of table -->)/gs,
    (_, start: string, name: string, end: string) => {
      const table = missing.get(name);
      if (table === undefined) throw new Error(`There is no table "${name}", or it has two places.`);
      missing.delete(name);
      return `${start}\n${table}\n\n${end}`;
    },
  );
  if (missing.size > 0) throw new Error(`The page has no place for ${[...missing.keys()].join(', ')}.`);
  return updated;
}

/** Returns the fewest thousands of connections from which a bill is at most `usd` a month for each thousand. */
export function thousandsWithin(usd: number, store: CredentialStoreName): number {
  for (let thousands = 1; ; thousands += 1) {
    const bill = billOf({ store, connections: thousands * 1_000, cadence: 'hour' });
    if (totalOf(bill) <= usd * thousands) return thousands;
  }
}

function prices(): string {
  const rows = Object.values(PRICES).map(({ item, text, source }) => [item, text, source]);
  return markdown(['item', 'USD', 'source'], rows);
}

function totals(): string {
  const rows = CREDENTIAL_STORES.flatMap((store) =>
    CADENCES.map((cadence) => [
      `${store}, ${CADENCE_NAMES[cadence]}`,
      ...SIZES.map((connections) => {
        const total = totalOf(billOf({ store, connections, cadence }));
        return `${usd(total)} (${usd((total / connections) * 1_000)})`;
      }),
    ]),
  );
  return markdown(['store, cadence', ...SIZES.map(whole)], rows);
}

function parts(store: CredentialStoreName): string {
  const bills = SIZES.map((connections) => billOf({ store, connections, cadence: 'hour' }));
  const row = (name: string, value: (bill: Bill) => number) => [
    name,
    ...bills.map((bill) => usd(value(bill))),
  ];
  const rows = PARTS.map((part) => row(part, (bill) => bill[part]));
  return markdown(['USD a month', ...SIZES.map(whole)], [...rows, row('**total**', totalOf)]);
}

const CHECK_PARTS = PARTS.filter((part) => /credentials|checks|functions/.test(part));

function checks(): string {
  const columns = CREDENTIAL_STORES.flatMap((store) =>
    ([LARGEST, SIZES[0]] as const).map((connections) => ({ store, connections })),
  );
  const values = columns.map(({ store, connections }) => {
    const bill = billOf({ store, connections, cadence: 'hour' });
    const millions = monthOfChecks(connections, 'hour').checks / MILLION;
    return CHECK_PARTS.map((part) => bill[part] / millions);
  });
  const rows = CHECK_PARTS.map((part, index) => [part, ...values.map((column) => usd(column[index] ?? 0))]);
  const sums = values.map((column) => usd(column.reduce((sum, value) => sum + value, 0)));
  const head = columns.map(({ store, connections }) => `${store}, of ${whole(connections)}`);
  return markdown(['USD per million checks', ...head], [...rows, ['**total**', ...sums]]);
}

const REFRESH_NAMES = { kept: 'refresh token kept', replaced: 'refresh token replaced' } as const;

function refreshes(): string {
  const hourly = monthOfChecks(1_000, 'hour').checks;
  const kinds: readonly (keyof typeof REFRESHES)[] = ['kept', 'replaced'];
  const rows = kinds.map((kind) => {
    const { writes, reads, secretCalls, keyCalls } = REFRESHES[kind];
    return [
      REFRESH_NAMES[kind],
      `${writes} writes, ${reads} reads, ${secretCalls} secret and ${keyCalls} key calls`,
      ...CREDENTIAL_STORES.map((store) => {
        const each = refreshCost(kind, store);
        return `${usd(each * MILLION)} (${usd(each * hourly)})`;
      }),
    ];
  });
  return markdown(['a refresh', 'with a secret', ...CREDENTIAL_STORES], rows);
}

function stageTable(): string {
  const items = stage();
  const total = items.reduce((sum, item) => sum + item.usd, 0);
  const rows = items.map(({ item, usd: price }) => [item, price.toFixed(2)]);
  return markdown(['item', 'a month'], [...rows, ['**total**', `**${total.toFixed(2)}**`]]);
}

/** Formats USD: whole above 100, else with two decimals. */
function usd(value: number): string {
  const digits = value >= 100 ? 0 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}

/** Returns a table in Markdown, with aligned columns. */
function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
