import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** `node:sqlite`, behind the stand-in for Secrets Manager, is still announced as experimental by Node 24. */
const QUIET = '--disable-warning=ExperimentalWarning';

/**
 * Starts the longest files first, so that both workers have work until the end. Without times of an earlier run, as in
 * CI, Vitest starts the largest files first, and some of the longest are small: they run every order of some calls. Those
 * that share a worker run one after the other, because the worker ends with the last of them.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId, project }: TestSpecification) =>
      project.config.isolate || moduleId.includes('/integration/protocols/');
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const ALL = 'test/{unit,integration,infra,architecture}/**/*.test.ts';

const KILL = 'test/integration/protocols/kill.test.ts';

/**
 * Files that need a process of their own: they start programs, which must not inherit the environment that another file
 * set, or replace modules by `vi.mock`.
 */
const ISOLATED = [
  'test/integration/api/{canary,heap-snapshots}.test.ts',
  'test/integration/local/{credentials-migration,moving,oauth-client,seed-command,start}.test.ts',
  KILL,
  'test/integration/providers/open-guard.test.ts',
  'test/unit/catalog/files.test.ts',
];

/** Files that run a second time with sealed credentials: protocols, faults, interleavings, kills and models. */
const BOTH_STORES = [
  'test/integration/adapters/table-stand-in.test.ts',
  'test/integration/protocols/**/*.test.ts',
  'test/integration/checks/{faults-on-checks,faults-on-messages,model}.test.ts',
];

const SEALED = { CREDENTIALS_STORE: 'sealed' };

export default defineConfig({
  test: {
    globalSetup: ['test/harness/temporary-folder.ts'],
    setupFiles: [
      'test/harness/own-environment.ts',
      'test/harness/property-seed.ts',
      'test/harness/renewed-values.ts',
    ],
    projects: [
      { extends: true, test: { name: 'isolated', include: ISOLATED } },
      {
        extends: true,
        // The files of a worker share its modules, so that it loads and compiles the SDK and the CDK once.
        test: { name: 'shared', include: [ALL], exclude: ISOLATED, isolate: false },
      },
      {
        extends: true,
        test: { name: 'sealed', include: BOTH_STORES, exclude: ISOLATED, isolate: false, env: SEALED },
      },
      { extends: true, test: { name: 'sealed, isolated', include: [KILL], env: SEALED } },
    ],
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
