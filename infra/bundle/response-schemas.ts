import type { Plugin } from 'esbuild';

/** The file of the contract that holds schemas of responses alone, and what it exports. */
const FILE = /shared\/contract\/http\/schemas\/connection\.ts$/;
const EXPORTS = ['connection', 'connectionPage', 'checked', 'historyPage'];

/**
 * Leaves the schemas of a connection's responses out of bundles: production does not parse what it has built itself
 * (docs/decisions/0020). Parsing with what stands in their place fails.
 */
export const withoutResponseSchemas: Plugin = {
  name: 'without-response-schemas',
  setup(build) {
    build.onLoad({ filter: FILE }, () => ({
      contents: EXPORTS.map((name) => `export const ${name} = {};`).join('\n'),
      loader: 'js',
    }));
  },
};
