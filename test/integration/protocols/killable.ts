import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod/mini';
import { type ApiResponse, readResponse } from '../../harness/response.ts';
import { readState, type State } from './state.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const session = z.looseObject({
  apiUrl: z.string(),
  tokens: z.object({ administrator: z.string() }),
  runtime: z.object({ accessKeyId: z.string(), secretAccessKey: z.string(), region: z.string() }),
  sandboxUrl: z.string(),
  dynamodbUrl: z.string(),
  tableName: z.string(),
  secretsManagerUrl: z.string(),
  pid: z.number(),
});

export type Running = z.output<typeof session>;

/** Local mode in a process of its own, on data that outlives it. */
export class Killable {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'killed-'));
  #child: ChildProcess | undefined;
  #session: Running | undefined;

  get session(): Running {
    if (!this.#session) throw new Error('It was not started.');
    return this.#session;
  }

  /** Starts it as `npm start` does, until it says that it is ready. */
  async start(): Promise<Running> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts'], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0', DATA_DIR: this.dataDir },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('is ready')) break;
    }
    child.stdout.resume();
    this.#session = session.parse(JSON.parse(readFileSync(join(this.dataDir, 'session.json'), 'utf8')));
    return this.#session;
  }

  /** Kills it with no chance to do anything. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Waits until no process works on the data any more. */
  async nobodyIsLeft(): Promise<void> {
    while (commandLines().some((line) => line.includes(this.dataDir))) await setTimeout(10);
  }

  /** Asks the API as the demo project's administrator. */
  async ask(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const { apiUrl, tokens } = this.session;
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.administrator}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return readResponse(response);
  }

  /** Everything there is, and where it was read. */
  async read<T>(visit: (state: State, place: Parameters<typeof readState>[0]) => Promise<T>): Promise<T> {
    const { dynamodbUrl, secretsManagerUrl, tableName, runtime } = this.session;
    const { region, ...credentials } = runtime;
    const table = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: dynamodbUrl, region, credentials }),
    );
    const secrets = new SecretsManager({ endpoint: secretsManagerUrl, region, credentials });
    const place = { table, tableName, secrets, secretsPrefix: 'connections/local/' };
    try {
      return await visit(await readState(place), place);
    } finally {
      table.destroy();
      secrets.destroy();
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    await this.nobodyIsLeft();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** The command line of each process that still runs. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // It ended since it was listed.
        return '';
      }
    });
}
