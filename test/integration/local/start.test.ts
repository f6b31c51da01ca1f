import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { startEngine } from '../../../local/table/engine.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SPAWNING_MS = 120_000;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'start-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const sessionSchema = z.object({
  apiUrl: z.string(),
  pid: z.number(),
  dynamodbUrl: z.string(),
  tokens: z.object({ administrator: z.string() }),
});
const readSession = () =>
  sessionSchema.parse(JSON.parse(readFileSync(join(dataDir, 'session.json'), 'utf8')));
const readLog = () => readFileSync(join(dataDir, 'log.jsonl'), 'utf8');

/** Runs `npm start -- …`, without npm, until it is ready or has ended. */
async function start(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'local/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, AWS_LAMBDA_LOG_LEVEL: 'INFO', DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  const ready = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
    if (output.stdout.includes('is ready')) ready.resolve();
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const exited = once(child, 'close').then(([code]) => code);
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  onTestFinished(stop);
  await Promise.race([ready.promise, exited]);
  return { output, exited, stop };
}

const jsonLines = (text: string) => text.split('\n').filter((line) => line.startsWith('{'));

test(
  'prints a banner and no log: functions log to a file, which --verbose shows as well',
  async () => {
    const quiet = await start();
    expect(quiet.output.stdout).toContain(`Log        ${join(dataDir, 'log.jsonl')}`);
    expect(await quiet.stop()).toBe(0);
    expect([...jsonLines(quiet.output.stdout), quiet.output.stderr]).toEqual(['']);
    const logged = readLog();
    expect(jsonLines(logged).join()).toContain('"route":"flows/save"');
    expect(existsSync(join(dataDir, 'session.json'))).toBe(false);

    const verbose = await start(['--verbose']);
    await fetch(`${readSession().apiUrl}/v1/providers/trello/icon.svg`);
    await verbose.stop();
    expect(jsonLines(verbose.output.stdout).join()).toContain('"route":"providers/icon"');
    expect(readLog().startsWith(logged)).toBe(true);
    expect(readLog()).toContain('"route":"providers/icon"');
  },
  SPAWNING_MS,
);

test(
  'runs scheduled functions in a process of their own, which logs to the same file',
  async () => {
    const backend = await start(['--no-schedules']);
    const { apiUrl, pid } = readSession();
    const run = await fetch(`${apiUrl}/local/schedules/enqueue-due-checks`, { method: 'POST' });
    expect(run.status).toBe(200);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    const commands = children.map((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8'));
    expect(commands.filter((command) => command.includes('background-main.ts'))).toHaveLength(1);
    expect(await backend.stop()).toBe(0);
    expect(readLog()).toContain('enqueue-due-checks');
  },
  SPAWNING_MS,
);

test(
  'refuses data that another local mode uses, and data of another version until --reset',
  async () => {
    const first = await start();
    const second = await start();
    expect(await second.exited).toBe(1);
    expect(second.output.stderr).toBe(
      `${dataDir} is in use by the local mode at ${readSession().apiUrl}; stop that one first.\n`,
    );
    await first.stop();

    const version = join(dataDir, 'version');
    for (const older of ['1\n', undefined]) {
      if (older) writeFileSync(version, older);
      else rmSync(version);
      const refused = await start();
      expect(await refused.exited).toBe(1);
      expect(refused.output.stderr).toBe(
        `Another version of this project wrote the data in ${dataDir}, and this one cannot read it.\n` +
          'Delete it and start afresh with: npm start -- --reset\n',
      );
    }
    await start(['--reset']);
    expect(await connectionCount()).toBe(10);
  },
  SPAWNING_MS,
);

async function connectionCount(): Promise<unknown> {
  const { apiUrl, tokens } = readSession();
  const headers = { authorization: `Bearer ${tokens.administrator}` };
  const response = await fetch(`${apiUrl}/v1/projects/demo/connections`, { headers });
  const { counts } = z.object({ counts: z.object({ all: z.number() }) }).parse(await response.json());
  return counts.all;
}

describe("the table's engine", () => {
  test(
    'is the one at DYNAMODB_ENDPOINT where that is set; --reset deletes its table, and a lost table is filled again',
    async () => {
      const env = { DYNAMODB_ENDPOINT: '' };
      const use = async (args: readonly string[], expected: number) => {
        const backend = await start(args, env);
        expect(readSession().dynamodbUrl).toBe(env.DYNAMODB_ENDPOINT);
        expect(await connectionCount()).toBe(expected);
        await backend.stop();
      };
      for (const args of [[], ['--reset']]) {
        const engine = await startEngine({});
        env.DYNAMODB_ENDPOINT = engine.url;
        await use([], 10);
        await use(args, 10);
        await engine.close();
      }
      expect(existsSync(join(dataDir, 'sandbox-table.db'))).toBe(false);
    },
    SPAWNING_MS,
  );

  test('names DynamoDB Local and DYNAMODB_ENDPOINT where its program is not installed', async () => {
    const started = startEngine({ program: join(dataDir, 'missing') });
    await expect(started).rejects.toThrow(
      /^The DynamoDB engine .* Linux x64.*DynamoDB Local.*DYNAMODB_ENDPOINT=/s,
    );
  });

  test('is optional, as every package of one platform is, so that npm ci succeeds on the others', () => {
    const packages = z
      .object({
        packages: z.record(
          z.string(),
          z.object({
            os: z.optional(z.unknown()),
            cpu: z.optional(z.unknown()),
            optional: z.optional(z.boolean()),
          }),
        ),
      })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))).packages;
    const required = Object.entries(packages).filter(([, { os, cpu, optional }]) => (os || cpu) && !optional);
    expect(required).toEqual([]);
    expect(packages).toHaveProperty('node_modules/@dynoxide/linux-x64');
  });
});
