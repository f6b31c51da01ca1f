import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_PROVIDERS } from '../shared/catalog/compile.ts';
import { buildConsole, CONSOLE_FILES } from '../web/build.ts';
import { bundle } from './bundle/build.ts';
import { FUNCTIONS, findEntries } from './bundle/entries.ts';

/** Folder of the entry `connections/cdk`, with files at the paths that they have in this repository. */
const OUT = join(import.meta.dirname, '../dist/cdk');
const BUNDLES = join(OUT, 'dist/functions');

await bundle({ functions: FUNCTIONS, entries: await findEntries(FUNCTIONS), out: BUNDLES });
await rm(`${BUNDLES}-catalog`, { recursive: true });
await buildConsole();
await cp(CONSOLE_FILES, join(OUT, 'web/dist'), { recursive: true });
await cp(BUILT_IN_PROVIDERS, join(OUT, 'shared/catalog/providers'), { recursive: true });
