import { expect, it } from 'vitest';
import { builtInProviders } from '../../shared/catalog/index.ts';
import { providerTable, withTable } from '../../tools/provider-table.ts';
import { textOf } from './project.ts';

it('docs/providers.md has the table that npm run provider:table writes', async () => {
  const page = await textOf('docs/providers.md');
  expect(page).toBe(withTable(page, providerTable(builtInProviders().map(({ entry }) => entry))));
});
