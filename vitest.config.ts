import { defineConfig } from 'vitest/config';

/** `node:sqlite`, behind the stand-in for Secrets Manager, is still announced as experimental by Node 24. */
const QUIET = '--disable-warning=ExperimentalWarning';

export default defineConfig({
  test: {
    setupFiles: ['test/harness/property-seed.ts'],
    include: ['test/{unit,integration,infra,architecture}/**/*.test.ts'],
    // Processes rather than threads: tests start servers, spawn children and read their own environment.
    pool: 'forks',
    maxWorkers: 2,
    execArgv: [QUIET],
    env: { NODE_OPTIONS: QUIET, AWS_LAMBDA_LOG_LEVEL: 'FATAL' },
    // Room for a busy machine; a test awaits what it waits for, so a green run never gets near.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
