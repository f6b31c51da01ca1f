import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { close, listen } from '../loopback.ts';

/** The engine's program; its optional package installs on Linux x64 alone. */
export const ENGINE = fileURLToPath(
  new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url),
);

export interface Engine {
  readonly url: string;
  close(): Promise<void>;
}

export interface EngineOptions {
  /** The file that keeps the tables; left out, they live in memory. */
  readonly dataFile?: string | undefined;
  readonly program?: string;
}

/**
 * Starts a DynamoDB engine on loopback. With `DYNAMODB_ENDPOINT` set, uses the engine at that address instead and
 * leaves it running.
 *
 * The engine ends with this process, even when this process is killed: a shell between them holds a pipe from here
 * and stops the engine when the pipe closes.
 *
 * @throws Error where the program is not installed and `DYNAMODB_ENDPOINT` is not set.
 */
export async function startEngine({ dataFile, program = ENGINE }: EngineOptions): Promise<Engine> {
  const external = process.env.DYNAMODB_ENDPOINT;
  if (external) return { url: external, close: () => Promise.resolve() };
  if (!existsSync(program)) {
    throw new Error(
      `The DynamoDB engine of local mode is installed on Linux x64 alone; this is ${process.platform} ${process.arch}.
Run DynamoDB Local (Java or Docker) and start again with its address, for example:

  docker run -p 8000:8000 amazon/dynamodb-local
  DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start`,
    );
  }
  const port = await freePort();
  const storage = dataFile ? ['--db-path', dataFile] : [];
  const script = '"$@" </dev/null >/dev/null & engine=$!; cat >/dev/null; kill $engine; wait $engine';
  const shell = spawn('sh', ['-c', script, 'sh', program, '--port', String(port), ...storage], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(shell, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await waitUntilReady(url, exited);
  return {
    url,
    async close() {
      shell.stdin.end();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = await listen(server);
  await close(server);
  return port;
}

const RETRY_MS = 10;

/** Polls until the engine responds, with any status. */
async function waitUntilReady(url: string, exited: Promise<unknown>): Promise<void> {
  let ended = false;
  exited.then(() => {
    ended = true;
  });
  for (;;) {
    if (ended) throw new Error('The DynamoDB engine ended before it was ready.');
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
