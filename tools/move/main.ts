import { parseArgs } from 'node:util';
import { projectId } from '../../shared/contract/http/schemas/primitives.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../shared/domain/terms.ts';
import { DEFAULT_PER_SECOND, pacedBy, readRate } from '../stage/pace.ts';
import { exportFile } from './export.ts';
import { importFile } from './import.ts';
import { openStage, requireKept, type StageOptions } from './open.ts';
import { openReport } from './report.ts';
import { sealFor, unsealWith } from './seal.ts';

const STAGE_HELP = `  --project <id>             the project
  --file <file>              the connections, one JSON object a line (docs/moving.md)
  --environment <file>       the stage, as the environment of one of its functions; local mode unless given:
                             aws lambda get-function-configuration --query Environment.Variables \\
                               --function-name connections-<stage>-connections-check > stage.json
  --providers-folder <path>  the stage's own providers, if it has some
`;

const HELP = {
  import: `Imports connections of another platform, or exported ones.

  npm run import -- --project <id> --file connections.ndjson

${STAGE_HELP}  --report <file>            what became of each line; <file>.report.ndjson unless given
  --no-verify                takes the connections as they are, without asking their providers
  --private-key <file>       opens sealed lines: the private key in PEM form
  --store <store>            ${CREDENTIAL_STORES.join(' or ')}; the stage's unless given
  --per-second <n>           connections to create in a second at most; ${DEFAULT_PER_SECOND} unless given, as Secrets Manager
                             allows 50 changes a second in an account and Region, for everything in it

May be interrupted at any point and repeated: connections that were imported are not imported again.
`,
  export: `Exports the connections of a project with their credentials, which are sealed for the owner of a key.

  npm run export -- --project <id> --file connections.ndjson --public-key public.pem

${STAGE_HELP}  --public-key <file>        the public key in PEM form: RSA, P-256, P-384, P-521 or X25519

  openssl genpkey -algorithm X25519 -out private.pem
  openssl pkey -in private.pem -pubout -out public.pem
`,
};

const PROGRESS_MS = 5_000;

const OPTIONS = {
  project: { type: 'string' },
  file: { type: 'string' },
  environment: { type: 'string' },
  'providers-folder': { type: 'string' },
  report: { type: 'string' },
  'no-verify': { type: 'boolean', default: false },
  'private-key': { type: 'string' },
  'public-key': { type: 'string' },
  store: { type: 'string' },
  'per-second': { type: 'string', default: DEFAULT_PER_SECOND },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof readArguments>['values'];

try {
  const { positionals, values } = readArguments();
  const [command] = positionals;
  if (command !== 'import' && command !== 'export') throw new Error('The command is import or export.');
  if (values.help) process.stdout.write(HELP[command]);
  else await (command === 'import' ? runImport(values) : runExport(values));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

function readArguments() {
  return parseArgs({ allowPositionals: true, options: OPTIONS });
}

async function runImport(values: Values): Promise<void> {
  const file = required('file', values.file);
  const project = readProject(values.project);
  const pace = pacedBy(readRate(values['per-second']));
  const unseal = unsealWith(values['private-key']);
  const ports = openStage(stageOf(values));
  await requireKept(project, ports);
  const reportFile = values.report ?? `${file}.report.ndjson`;
  const report = openReport(reportFile);
  const onProgress = everyFewSeconds(summaryOf);
  try {
    const run = {
      file,
      projectId: project,
      isVerified: !values['no-verify'],
      unseal,
      write: report.write,
      onProgress,
    };
    const counts = await importFile(run, { ...ports, pace });
    process.stdout.write(`${summaryOf(counts)}\nThe report is in ${reportFile}.\n`);
    if (counts.failed > 0)
      process.stdout.write('Repeat the command: lines that failed may be imported then.\n');
    if (counts.failed + counts.refused > 0) process.exitCode = 1;
  } finally {
    report.close();
  }
}

async function runExport(values: Values): Promise<void> {
  const file = required('file', values.file);
  const project = readProject(values.project);
  const seal = sealFor(required('public-key', values['public-key']));
  const ports = openStage(stageOf(values));
  await requireKept(project, ports);
  const onProgress = everyFewSeconds((exported: number) => `exported ${exported}`);
  const { exported, failures } = await exportFile({ file, projectId: project, seal, onProgress }, ports);
  for (const { connectionId, message } of failures) {
    process.stderr.write(`failed  ${connectionId}  ${message}\n`);
  }
  process.stdout.write(`exported ${exported}, failed ${failures.length}\n`);
  if (failures.length > 0) process.exitCode = 1;
}

function summaryOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

/** Prints the progress to the terminal's error output, so that the result alone is on the standard output. */
function everyFewSeconds<T>(text: (progress: T) => string): (progress: T) => void {
  let printedAt = Date.now();
  return (progress) => {
    if (Date.now() - printedAt < PROGRESS_MS) return;
    printedAt = Date.now();
    process.stderr.write(`${text(progress)}\n`);
  };
}

function stageOf({ environment, store, 'providers-folder': providersFolder }: Values): StageOptions {
  return { environment, providersFolder, store: store === undefined ? undefined : readStore(store) };
}

function readStore(name: string): CredentialStoreName {
  const store = CREDENTIAL_STORES.find((known) => known === name);
  if (!store) throw new Error(`--store is ${CREDENTIAL_STORES.join(' or ')}.`);
  return store;
}

function readProject(text: string | undefined): string {
  const { success, data } = projectId.safeParse(required('project', text));
  if (!success) throw new Error('--project is 1 to 128 characters of A-Z a-z 0-9 . _ : -');
  return data;
}

function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`--${name} is missing; --help shows the options.`);
  return value;
}
