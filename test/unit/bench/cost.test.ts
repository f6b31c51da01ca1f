import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { actionsOf } from '../../../shared/adapters/aws/table/commit.ts';
import { TABLE } from '../../../shared/adapters/aws/table/definition.ts';
import { CADENCES, CREDENTIAL_STORES } from '../../../shared/domain/terms.ts';
import { seededConnections } from '../../../tools/seed/connections.ts';
import { seededRandom } from '../../../tools/seed/random.ts';
import { billOf, PARTS, totalOf } from '../../bench/cost/bill.ts';
import { monthOfChecks } from '../../bench/cost/checks.ts';
import { SIZES, thousandsWithin, withTables } from '../../bench/cost/tables.ts';
import { CONNECTION_BYTES } from '../../bench/cost/usage.ts';
import { toAttributeMap } from '../../bench/import-table.ts';
import { type AttributeMap, itemSize } from '../../bench/item-size.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/cost.md'), 'utf8');

describe('docs/cost.md', () => {
  test('has the tables that npm run cost writes', () => {
    expect(withTables(page)).toBe(page);
  });

  test('names the size from which a thousand connections cost 2 USD a month', () => {
    expect(page).toContain(`from ${thousandsWithin(2, 'sealed')},000 connections on`);
  });

  test('has a place for each table', () => {
    expect(() => withTables(page.replace('<!-- table: prices -->', ''))).toThrow('no place for prices');
    expect(() => withTables('<!-- table: none -->\n<!-- end of table -->')).toThrow('no table "none"');
  });
});

describe('a bill', () => {
  test('of a million connections has every check of the month, and their messages', () => {
    const month = monthOfChecks(1_000_000, 'hour');
    expect(month.checks).toBeCloseTo(730_000_000, 0);
    // 833 checks of each provider a minute: 16 messages of 50, and one of 33.
    expect(month.messages / 43_800).toBeCloseTo(20 * 17, 6);
    expect(month.takes / 43_800).toBeCloseTo(20 * (16 * 5 + 4), 6);
    expect(month.invocations / 43_800).toBeCloseTo(20 * (16 / 5 + 1), 6);
  });

  test('counts a message, an invocation and a take for a check that is alone in its minute', () => {
    const month = monthOfChecks(720, 'day');
    for (const count of ['messages', 'invocations', 'takes'] as const) {
      expect(month[count]).toBeCloseTo(month.checks, 6);
    }
  });

  test('grows with the cadence and with the connections, in every part at least as much as before', () => {
    for (const store of CREDENTIAL_STORES) {
      for (const connections of SIZES) {
        const bills = CADENCES.toReversed().map((cadence) => billOf({ store, connections, cadence }));
        expect(bills.map(totalOf)).toEqual(bills.map(totalOf).toSorted((a, b) => a - b));
        const larger = billOf({ store, connections: connections * 2, cadence: 'hour' });
        const smaller = billOf({ store, connections, cadence: 'hour' });
        for (const part of PARTS) expect(larger[part]).toBeGreaterThanOrEqual(smaller[part]);
      }
    }
  });

  test('of sealed credentials has no secret for each connection', () => {
    const [few, many] = SIZES.map((connections) => billOf({ store: 'sealed', connections, cadence: 'hour' }));
    expect(few?.secrets).toBe(0);
    expect(few?.['reading credentials']).toBe(many?.['reading credentials']);
  });
});

test('a seeded connection has no more bytes than the bill counts, and not far fewer', () => {
  const request = {
    projectId: 'project-1',
    connections: 500,
    inactive: 0.05,
    expiring: 0.05,
    at: new Date(0),
  };
  const provider = { id: 'hubspot', name: 'HubSpot', cadence: 'hour' } as const;
  const stored = [...seededConnections(request, [provider], seededRandom('bytes'))];
  const items = stored
    .flatMap((after) => actionsOf({ connections: [{ before: null, after }] }))
    .flatMap((action) => ('Put' in action && action.Put.Item ? [toAttributeMap(action.Put.Item)] : []));
  const mean = (size: (item: (typeof items)[number]) => number) =>
    items.reduce((sum, item) => sum + size(item), 0) / items.length;
  const bytes = {
    item: mean((item) => itemSize(item) + OVERHEAD),
    indexes: mean((item) => TABLE.indexes.reduce((sum, index) => sum + entrySize(item, index), 0)),
  };
  for (const part of ['item', 'indexes'] as const) {
    expect(bytes[part]).toBeLessThanOrEqual(CONNECTION_BYTES[part]);
    expect(bytes[part]).toBeGreaterThan(CONNECTION_BYTES[part] * 0.8);
  }
});

/** DynamoDB's for each item and index entry: https://aws.amazon.com/dynamodb/pricing/on-demand/, "Data storage". */
const OVERHEAD = 100;

/** Returns the bytes of an item's entry in an index; 0 for an item that lacks one of its keys. */
function entrySize(
  item: AttributeMap,
  { partitionKey, sortKey, projection }: (typeof TABLE)['indexes'][number],
): number {
  if (!(partitionKey in item && sortKey in item)) return 0;
  const projected = typeof projection === 'string' ? [] : projection;
  const names = new Set<string>(['pk', 'sk', partitionKey, sortKey, ...projected]);
  const entry = Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
  return itemSize(entry) + OVERHEAD;
}
