import { join } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import config from '../../vitest.config.ts';

const setupFiles = process.env.RECORD_FOLDER ? [join(import.meta.dirname, 'record-setup.ts')] : [];

/** Room for a machine whose other work goes first, in milliseconds. */
const TIMEOUTS = { testTimeout: 60_000, hookTimeout: 60_000 };

/** The configuration of the tests in a copy of the project; what Vitest caches of changed files stays in the copy. */
export default mergeConfig(
  config,
  defineConfig({
    test: { fsModuleCachePath: join(import.meta.dirname, '.vitest-cache'), setupFiles, ...TIMEOUTS },
  }),
);
