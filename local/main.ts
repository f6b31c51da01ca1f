import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fillDemo } from './demo/fill.ts';
import { type House, startHouse } from './house.ts';
import { printed } from './notices/print.ts';
import { type Options, readOptions } from './options.ts';
import { removeSession, runningAt, writeSession } from './session.ts';
import { DEMO_PROJECT, USERS } from './users.ts';

try {
  await main(readOptions(process.argv.slice(2), process.env));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

async function main(options: Options): Promise<void> {
  const { dataDir, reset, providers } = options;
  const running = await runningAt(dataDir);
  if (running) throw new Error(`${dataDir} is in use by the local mode at ${running}; stop that one first.`);
  if (reset) rmSync(dataDir, { recursive: true, force: true });
  removeSession(dataDir);
  const house = await startHouse({
    ...options,
    onError: logFault,
    onNotice: (notice) => process.stdout.write(printed(notice)),
  });
  const filled = join(dataDir, `${providers}-demo-filled`);
  if (!existsSync(filled)) {
    await fillDemo(house.session, providers);
    writeFileSync(filled, '');
  }
  writeSession(dataDir, house.session);
  process.stdout.write(welcome(house, options));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(house, dataDir));
}

async function stop(house: House, dataDir: string): Promise<void> {
  removeSession(dataDir);
  await house.close();
}

function logFault(where: string, error: unknown): void {
  const message = error instanceof Error ? error.message : 'unknown';
  process.stderr.write(`${JSON.stringify({ level: 'ERROR', where, message })}\n`);
}

function welcome({ session }: House, { dataDir, providers }: Options): string {
  const curl = `curl -s -H "authorization: Bearer $(node -p "require('${resolve(dataDir, 'session.json')}').tokens.administrator")" ${session.apiUrl}/v1/projects/${DEMO_PROJECT}/connections`;
  return `
Connections is ready.

  API        ${session.apiUrl}
  Providers  ${providers === 'sandbox' ? `the sandbox at ${session.sandboxUrl}` : 'the real services'}
  Data       ${dataDir} (tokens and keys in ${join(dataDir, 'session.json')})
  Sign in    ${Object.values(USERS)
    .map(({ name }) => name)
    .join(', ')}

Try it:

  ${curl}

`;
}
