import { parseArgs } from 'node:util';
import { readSettings, type Settings } from '../../infra/settings.ts';
import { stages } from '../../infra/stages/index.ts';
import { openClients, readStage } from './deployed-stage.ts';
import { lineOf } from './finding.ts';
import { runChecks } from './run-checks.ts';

const HELP = `Checks a deployed stage, and prints each finding in a line, with the command or page that helps.

  npm run doctor -- --stage <stage>

Credentials and Region are those of the AWS SDK, AWS_PROFILE and AWS_REGION; AWS_ENDPOINT_URL leads to an emulator. With
an access token in CONNECTIONS_TOKEN, it also lists the providers as that user. It changes nothing.

The exit code is 0 without problems, whatever the warnings, and 1 with one. A stage that is not in infra/stages is checked
by what its stacks created.
`;

try {
  const { values } = parseArgs({ options: { stage: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help) process.stdout.write(HELP);
  else if (values.stage === undefined) throw new Error('--stage is missing: see --help.');
  else await checkStage(values.stage);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function checkStage(name: string): Promise<void> {
  const settings = settingsOf(name);
  const clients = openClients(settings?.deployTo?.region);
  try {
    const { findings, passed } = await runChecks(await readStage(name, settings, clients));
    for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
    const problems = findings.filter(({ level }) => level === 'problem').length;
    process.stdout.write(
      `${problems} problems, ${findings.length - problems} warnings; in order: ${passed.join(', ') || 'nothing'}\n`,
    );
    if (problems > 0) process.exitCode = 1;
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

function settingsOf(stage: string): Settings | undefined {
  return Object.hasOwn(stages, stage) ? readSettings(stages, stage) : undefined;
}
