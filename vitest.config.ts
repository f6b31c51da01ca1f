import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** `node:sqlite`, behind the stand-in for Secrets Manager, is still announced as experimental by Node 24. */
const QUIET = '--disable-warning=ExperimentalWarning';

/**
 * Starts the longest files first, so that both workers have work until the end. Without times of an earlier run, as in
 * CI, Vitest starts the largest files first, and some of the longest are small: they run every order of some calls.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => moduleId.includes('/integration/protocols/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    setupFiles: ['test/harness/property-seed.ts'],
    include: ['test/{unit,integration,infra,architecture}/**/*.test.ts'],
    // Processes rather than threads: tests start servers, spawn children and read their own environment.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    execArgv: [QUIET],
    env: { NODE_OPTIONS: QUIET, AWS_LAMBDA_LOG_LEVEL: 'FATAL' },
    // Room for a busy machine; a test awaits what it waits for, so a green run never gets near.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
