import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LocalBackend, startLocalBackend } from './backend.ts';
import { forkBackground } from './background-process.ts';
import { dataFiles, ENGINE_ACCESS_KEY_ID, openDataFolder, tableNameOf } from './data-folder.ts';
import { fillDemo } from './demo/fill.ts';
import { REGION } from './environment.ts';
import { formatNotice } from './notices/topic.ts';
import { type Options, readOptions } from './options.ts';
import { removeSession, runningAt, writeSession } from './session.ts';
import { deleteTable } from './table/create.ts';
import { redirectOutput, type Terminal } from './terminal.ts';
import { DEMO_PROJECT, USERS } from './users.ts';

const writeError = process.stderr.write.bind(process.stderr);

try {
  await main(readOptions(process.argv.slice(2), process.env));
} catch (error) {
  writeError(`${messageOf(error)}\n`);
  process.exit(1);
}

async function main(options: Options): Promise<void> {
  const { dataDir, providers, reset, verbose } = options;
  const running = await runningAt(dataDir);
  if (running) throw new Error(`${dataDir} is in use by the local mode at ${running}; stop that one first.`);
  if (reset) await resetData(dataDir);
  removeSession(dataDir);
  openDataFolder(dataDir);
  const files = dataFiles(dataDir, providers);
  const terminal = redirectOutput(files.log, verbose);
  const backend = await startLocalBackend({
    ...options,
    startBackground: forkBackground,
    onError: (where, error) => reportError(terminal, where, error),
    onNotice: (notice) => terminal.print(formatNotice(notice)),
  });
  if (!existsSync(files.demoFilled)) {
    await fillDemo(backend.session, providers);
    await backend.whenIdle();
    writeFileSync(files.demoFilled, '');
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(backend, dataDir));
  writeSession(dataDir, backend.session);
  terminal.print(banner(backend, options));
}

/** Deletes the data folder, and the tables that an engine of `DYNAMODB_ENDPOINT` keeps elsewhere. */
async function resetData(dataDir: string): Promise<void> {
  rmSync(dataDir, { recursive: true, force: true });
  const endpoint = process.env.DYNAMODB_ENDPOINT;
  if (!endpoint) return;
  const credentials = { accessKeyId: ENGINE_ACCESS_KEY_ID, secretAccessKey: 'local' };
  for (const providers of ['sandbox', 'real'] as const) {
    await deleteTable(tableNameOf(providers), { endpoint, region: REGION, credentials });
  }
}

async function stop(backend: LocalBackend, dataDir: string): Promise<void> {
  removeSession(dataDir);
  await backend.close();
}

/** Prints an error of work that no request waits for, and logs it. */
function reportError(terminal: Terminal, where: string, error: unknown): void {
  const message = messageOf(error);
  process.stderr.write(`${JSON.stringify({ level: 'ERROR', where, message })}\n`);
  terminal.printError(`ERROR  ${where}: ${message}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function banner({ session }: LocalBackend, { dataDir, providers, verbose }: Options): string {
  const sessionFile = resolve(dataDir, 'session.json');
  const token = `$(node -p "require('${sessionFile}').tokens.administrator")`;
  const names = Object.values(USERS).map(({ name }) => name);
  return `
Connections is ready.

  Console    ${session.consoleUrl}
  API        ${session.apiUrl}
  Providers  ${providers === 'sandbox' ? `the sandbox at ${session.sandboxUrl}` : 'the real services'}
  Data       ${dataDir} (tokens and keys in ${join(dataDir, 'session.json')})
  Log        ${dataFiles(dataDir, providers).log}${verbose ? '' : ' (--verbose shows it here)'}
  Sign in    ${names.join(', ')}

Try it:

  curl -s -H "authorization: Bearer ${token}" ${session.apiUrl}/v1/projects/${DEMO_PROJECT}/connections

`;
}
