/** Writes the table of all providers into docs/providers.md: `npm run provider:table`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { builtInProviders } from '../shared/catalog/index.ts';
import { providerTable, withTable } from './provider-table.ts';

const page = new URL('../docs/providers.md', import.meta.url);
const entries = builtInProviders().map(({ entry }) => entry);
writeFileSync(page, withTable(readFileSync(page, 'utf8'), providerTable(entries)));
