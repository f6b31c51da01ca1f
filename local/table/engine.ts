import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** The engine's program. */
export const ENGINE = fileURLToPath(
  new URL('../../node_modules/@dynoxide/linux-x64/dynoxide', import.meta.url),
);

export interface Engine {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a DynamoDB engine on loopback, with its data in a file, or in memory where none is given. With
 * `DYNAMODB_ENDPOINT` set, another engine that runs already is used instead.
 *
 * The engine ends with this process, however that ends: a shell between them holds a pipe from here, and stops
 * the engine when the pipe closes.
 *
 * @throws Error on a platform that the engine's package does not serve.
 */
export async function startEngine({ dataFile }: { readonly dataFile?: string | undefined }): Promise<Engine> {
  const external = process.env.DYNAMODB_ENDPOINT;
  if (external) return { url: external, close: () => Promise.resolve() };
  if (!existsSync(ENGINE)) {
    throw new Error(
      'The DynamoDB engine for local mode runs on Linux x64. Elsewhere, start DynamoDB Local and set DYNAMODB_ENDPOINT.',
    );
  }
  const port = await freePort();
  const storage = dataFile ? ['--db-path', dataFile] : [];
  const script = '"$@" </dev/null >/dev/null & engine=$!; cat >/dev/null; kill $engine; wait $engine';
  const shell = spawn('sh', ['-c', script, 'sh', ENGINE, '--port', String(port), ...storage], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const exited = once(shell, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await answering(url, exited);
  return {
    url,
    async close() {
      shell.stdin.end();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** Asks until the engine answers, however it answers. */
async function answering(url: string, exited: Promise<unknown>): Promise<void> {
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
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
