import { join } from 'node:path';
import { defineConfig } from 'vite';

const ROOT = join(import.meta.dirname, '..');

/** The package's entries: each of them a module that needs no other package. */
export default defineConfig({
  root: import.meta.dirname,
  // Holds nothing of the console.
  publicDir: false,
  build: {
    outDir: join(ROOT, 'dist'),
    emptyOutDir: true,
    target: 'esnext',
    minify: true,
    lib: {
      formats: ['es'],
      entry: {
        elements: join(import.meta.dirname, 'elements/index.ts'),
        client: join(import.meta.dirname, 'client/index.ts'),
        engine: join(import.meta.dirname, 'client/engine.ts'),
      },
    },
  },
});
