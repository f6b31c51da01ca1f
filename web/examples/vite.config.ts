import { join } from 'node:path';
import { defineConfig } from 'vite';

/** The example in React, from the built package, as a platform would bundle it. */
export default defineConfig({
  root: import.meta.dirname,
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  build: {
    outDir: join(import.meta.dirname, '../../dist/examples'),
    emptyOutDir: true,
    target: 'esnext',
    lib: { formats: ['es'], entry: { react: join(import.meta.dirname, 'react.tsx') } },
  },
});
