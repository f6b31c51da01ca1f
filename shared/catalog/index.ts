import { entries } from './entries.ts';
import { loadCatalog } from './load.ts';

/** The providers of this house. */
export const catalog = loadCatalog(entries);
