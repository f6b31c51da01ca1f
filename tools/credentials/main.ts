import { parseArgs } from 'node:util';
import { type Failures, migrateAll, restoreAll } from '../../shared/domain/connections/migrate.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../shared/domain/terms.ts';
import { DEFAULT_PER_SECOND, pacedBy, readRate } from '../stage/pace.ts';
import { openStage } from './open.ts';

const HELP = `Moves the credentials of all connections to another store, or brings retired ones back.

  npm run credentials:migrate -- --to <store>   ${CREDENTIAL_STORES.join(' or ')}
  npm run credentials:restore

  --environment <file>   the stage, as the environment of one of its functions; local mode unless given:
                         aws lambda get-function-configuration --query Environment.Variables \\
                           --function-name connections-<stage>-connections-reconnect > stage.json
  --per-second <n>       connections to change in a second at most; ${DEFAULT_PER_SECOND} unless given, as Secrets Manager allows 50
                         changes a second in an account and Region, for everything in it

Both may be interrupted at any point and repeated. Connections that others change in the same moment wait for the
next run. Set credentials.store of the stage first, so that new connections go to the new store.
`;

const CONCURRENCY = 8;
const PROGRESS_MS = 5_000;

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      environment: { type: 'string' },
      'per-second': { type: 'string', default: DEFAULT_PER_SECOND },
      help: { type: 'boolean' },
    },
  });
  const [command] = positionals;
  if (values.help || command === undefined) process.stdout.write(HELP);
  else if (command === 'migrate') await migrate(values.environment, values.to, values['per-second']);
  else if (command === 'restore') await restore(values.environment, values['per-second']);
  else throw new Error(`There is no command "${command}": migrate or restore.`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function migrate(environment: string | undefined, to: string | undefined, rate: string): Promise<void> {
  const store = readStore(to);
  const perSecond = readRate(rate);
  const stage = openStage(environment);
  let printedAt = Date.now();
  try {
    const { counts, failures } = await migrateAll(
      {
        connections: stage.connections,
        to: store,
        concurrency: CONCURRENCY,
        pace: pacedBy(perSecond),
        onProgress(progress) {
          if (Date.now() - printedAt < PROGRESS_MS) return;
          printedAt = Date.now();
          process.stderr.write(`${progress.moved} moved, ${progress.kept} there already\n`);
        },
      },
      stage.ports,
    );
    report({ ...counts, failed: failures.length }, failures);
    if (counts.waits > 0) {
      process.stdout.write('Repeat the command in a minute: some connections were being changed.\n');
    }
  } finally {
    stage.close();
  }
}

function readStore(name: string | undefined): CredentialStoreName {
  const store = CREDENTIAL_STORES.find((known) => known === name);
  if (!store) throw new Error(`--to is ${CREDENTIAL_STORES.join(' or ')}.`);
  return store;
}

async function restore(environment: string | undefined, rate: string): Promise<void> {
  const perSecond = readRate(rate);
  const stage = openStage(environment);
  try {
    const { counts, failures } = await restoreAll(
      {
        connections: stage.connections,
        concurrency: CONCURRENCY,
        pace: pacedBy(perSecond),
        onResult(result, { projectId, connectionId }) {
          if (result !== 'kept') process.stdout.write(`${result}  ${projectId}  ${connectionId}\n`);
        },
      },
      stage.ports,
    );
    report({ ...counts, failed: failures.length }, failures);
  } finally {
    stage.close();
  }
}

/** Prints the counts, and each failure. Fails the command if there is one. */
function report(counts: Readonly<Record<string, number>>, failures: Failures): void {
  for (const { connection, error } of failures) {
    const { projectId, connectionId } = connection;
    const message = error instanceof Error ? error.message : 'unknown error';
    process.stderr.write(`failed  ${projectId}  ${connectionId}  ${message}\n`);
  }
  process.stdout.write(
    `${Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}\n`,
  );
  if (failures.length > 0) process.exitCode = 1;
}
