import { expect, it } from 'vitest';
import { builtInProviders } from '../../shared/catalog/index.ts';
import { providerTable, withTable } from '../../tools/provider-table.ts';
import { textOf } from './project.ts';

/** The formatter pads the columns of tables. */
const unpadded = (page: string) => page.replaceAll(/ {2,}\|/g, ' |').replaceAll(/-{3,}/g, '---');

it('docs/providers.md has the table that npm run provider:table writes', async () => {
  const page = await textOf('docs/providers.md');
  const table = providerTable(builtInProviders().map(({ entry }) => entry));
  expect(unpadded(page)).toBe(unpadded(withTable(page, table)));
});

it('README.md says how many providers there are, in tens', async () => {
  const [, number] = /Over (\d+)\s+\[providers\]/.exec(await textOf('README.md')) ?? [];
  const named = builtInProviders().filter(({ entry }) => !entry.open);
  const tens = Math.floor((named.length - 1) / 10) * 10;
  expect(Number(number)).toBe(tens);
});
