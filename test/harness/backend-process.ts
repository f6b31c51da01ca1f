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
import type { Session as LocalSession } from '../../local/session.ts';
import { credentialStore } from './credential-store.ts';
import { type ApiResponse, readResponse } from './response.ts';
import type { Storage } from './stored-state.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const sessionFile = z.looseObject({
  apiUrl: z.string(),
  tokens: z.object({ administrator: z.string() }),
  runtime: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    region: z.string(),
    service: z.literal('execute-api'),
  }),
  sandboxUrl: z.string(),
  dynamodbUrl: z.string(),
  tableName: z.string(),
  secretsManagerUrl: z.string(),
  pid: z.number(),
});

type Session = z.output<typeof sessionFile>;

type StorageAddresses = Pick<LocalSession, 'dynamodbUrl' | 'secretsManagerUrl' | 'tableName' | 'runtime'>;

/** Local mode in a process of its own that a test can kill, on data that outlives it. */
export class BackendProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'killed-'));
  #child: ChildProcess | undefined;
  #session: Session | undefined;

  get session(): Session {
    if (!this.#session) throw new Error('The process was not started.');
    return this.#session;
  }

  /** Starts local mode as `npm start` does, and waits until it is ready. */
  async start(): Promise<Session> {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', 'local/main.ts', '--store', credentialStore()],
      {
        cwd: ROOT,
        env: { ...process.env, PORT: '0', DATA_DIR: this.dataDir },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    this.#child = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('is ready')) break;
    }
    child.stdout.resume();
    this.#session = sessionFile.parse(JSON.parse(readFileSync(join(this.dataDir, 'session.json'), 'utf8')));
    return this.#session;
  }

  /** Kills the process, which gets no chance to finish anything. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Waits until no child of the killed process works on the data any more. */
  async whenChildrenExited(): Promise<void> {
    while (commandLines().some((line) => line.includes(this.dataDir))) await setTimeout(10);
  }

  /** Sends a request as the administrator of the demo project. */
  async request(method: string, path: string, body?: unknown): Promise<ApiResponse> {
    const { apiUrl, tokens } = this.session;
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.administrator}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return readResponse(response);
  }

  /** Gives access to the stored state. */
  withStorage<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    return withStorage(this.session, work);
  }

  /** Kills the process and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    await this.whenChildrenExited();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Gives access to the stored state of a local mode. */
export async function withStorage<T>(
  { dynamodbUrl, secretsManagerUrl, tableName, runtime }: StorageAddresses,
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  const { region, accessKeyId, secretAccessKey } = runtime;
  const credentials = { accessKeyId, secretAccessKey };
  const table = DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint: dynamodbUrl, region, credentials }),
  );
  const secrets = new SecretsManager({ endpoint: secretsManagerUrl, region, credentials });
  try {
    return await work({
      ...{ table, tableName, secrets, secretsPrefix: 'connections/local/' },
      credentialsKeySecret: 'connections-local-credentials-key',
    });
  } finally {
    table.destroy();
    secrets.destroy();
  }
}

/** Returns the command line of each running process. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        // The process exited after it was listed.
        return '';
      }
    });
}
