import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

const WEB = import.meta.dirname;
const OUT = join(WEB, '../dist');

/** The package's entries. */
const ENTRIES = {
  elements: 'elements/index.ts',
  client: 'client/index.ts',
  engine: 'client/engine.ts',
};

await rm(OUT, { recursive: true, force: true });
// One build for each, so that each is one file that needs no other: a page loads it as it is.
for (const [name, file] of Object.entries(ENTRIES)) {
  await build({
    root: WEB,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir: OUT,
      emptyOutDir: false,
      target: 'esnext',
      lib: { formats: ['es'], entry: { [name]: join(WEB, file) } },
    },
  });
}
