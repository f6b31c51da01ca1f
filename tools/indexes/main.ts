import { parseArgs } from 'node:util';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resourceName } from '../../infra/naming.ts';
import { readSettings, type Settings } from '../../infra/settings.ts';
import { stages } from '../../infra/stages/index.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { TABLE } from '../../shared/adapters/aws/table/definition.ts';
import { fillKeys } from '../../shared/adapters/aws/table/fill-keys.ts';
import { stageEnvironment } from '../stage/environment.ts';
import { pacedBy, readRate } from '../stage/pace.ts';
import { indexesInFile, readIndexes, readTemplateIndexes } from './deployed.ts';
import { type Plan, planIndexes } from './plan.ts';

const HELP = `Changes the indexes of the table, one deployment at a time (docs/indexes.md).

  npm run indexes:plan -- --stage <stage>   prints the deployments that are left; changes nothing
  npm run indexes:fill -- --stage <stage>   writes the keys of indexes to the items that lack them

  --table <name>      a restored table that the settings do not name yet
  --deployed <file>   plans for the output of aws dynamodb describe-table in a file, without AWS
  --per-second <n>    items to fill in a second at most; 200 unless given

The exit code of a plan is 0 when nothing is left to deploy, 2 when something is, and 1 when the definition must change
first. A fill may be interrupted at any point and repeated; --stage local fills the local mode that runs on $DATA_DIR.
`;

const CONCURRENCY = 8;
const PROGRESS_MS = 5_000;

interface Options {
  readonly stage?: string | undefined;
  readonly table?: string | undefined;
  readonly deployed?: string | undefined;
  readonly 'per-second': string;
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      table: { type: 'string' },
      deployed: { type: 'string' },
      'per-second': { type: 'string', default: '200' },
      help: { type: 'boolean' },
    },
  });
  const [command] = positionals;
  if (values.help || command === undefined) process.stdout.write(HELP);
  else if (command === 'plan') await plan(values);
  else if (command === 'fill') await fill(values);
  else throw new Error(`There is no command "${command}": plan or fill.`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function plan(options: Options): Promise<void> {
  const settings = readStage(options.stage);
  const { stage, withoutIndexes: without } = settings;
  const tableName = tableOf(settings, options.table);
  const { deployed, templates } = await readDeployed(settings, tableName, options.deployed);
  if (!deployed) {
    process.stdout.write(
      `There is no table ${tableName}: its first deployment creates it with all indexes.\n`,
    );
    return;
  }
  const isRestored = tableName !== resourceName(settings, 'table');
  const input = { stage, tableName, isRestored, definition: TABLE, without, deployed, templates };
  print(planIndexes(input), tableName);
}

async function readDeployed(settings: Settings, tableName: string, file: string | undefined) {
  if (file !== undefined) return { deployed: indexesInFile(file), templates: undefined };
  const region = settings.deployTo && { region: settings.deployTo.region };
  const dynamodb = new DynamoDBClient({ ...region });
  const cloudFormation = new CloudFormationClient({ ...region });
  try {
    return {
      deployed: await readIndexes(dynamodb, tableName),
      templates: await readTemplateIndexes(cloudFormation, settings.stage),
    };
  } finally {
    dynamodb.destroy();
    cloudFormation.destroy();
  }
}

function print({ problems, steps, afterwards }: Plan, tableName: string): void {
  for (const text of problems) process.stdout.write(`problem  ${text}\n`);
  if (problems.length > 0) {
    process.exitCode = 1;
    return;
  }
  if (steps.length === 0) process.stdout.write(`${tableName} has the indexes of its definition.\n`);
  const lines = [...steps, ...afterwards].map(
    ({ text, command }, index) => `${index + 1}. ${text}\n     ${command}\n`,
  );
  process.stdout.write(lines.join(''));
  if (steps.length === 0) return;
  process.stdout.write(
    'Plan again after each step: a table takes the next change once the last one is done.\n',
  );
  process.exitCode = 2;
}

async function fill({ stage, table: name, 'per-second': rate }: Options): Promise<void> {
  const perSecond = readRate(rate);
  const table = openTable(
    stage === 'local' ? stageEnvironment(undefined).TABLE_NAME : tableOf(readStage(stage), name),
  );
  let printedAt = Date.now();
  try {
    const { filled, kept, failures } = await fillKeys(table, {
      concurrency: CONCURRENCY,
      pace: pacedBy(perSecond),
      onProgress(report) {
        if (Date.now() - printedAt < PROGRESS_MS) return;
        printedAt = Date.now();
        process.stderr.write(`${report.filled} filled, ${report.kept} had their keys\n`);
      },
    });
    for (const { key, error } of failures) {
      const message = error instanceof Error ? error.message : 'unknown error';
      process.stderr.write(`failed  ${key.pk}  ${key.sk}  ${message}\n`);
    }
    process.stdout.write(`filled ${filled}, kept ${kept}, failed ${failures.length}\n`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    table.client.destroy();
  }
}

function readStage(stage: string | undefined): Settings {
  if (stage === undefined) throw new Error('--stage is missing: see --help.');
  return readSettings(stages, stage);
}

/** Returns the name of the table that serves a stage, or is to serve it. */
function tableOf(settings: Settings, name: string | undefined): string {
  return name ?? settings.restoredTable?.arn.split('/').at(-1) ?? resourceName(settings, 'table');
}
