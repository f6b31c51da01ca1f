import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withTables } from './tables.ts';

/** Writes the tables of docs/cost.md: `npm run cost`. */
const PAGE = join(import.meta.dirname, '../../../docs/cost.md');
writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8')));
