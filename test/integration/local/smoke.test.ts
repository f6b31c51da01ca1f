import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';

const COMMAND = fileURLToPath(new URL('../../../tools/smoke.ts', import.meta.url));

const backend = await TestBackend.open();
const dataDir = mkdtempSync(join(tmpdir(), 'smoke-'));
writeFileSync(join(dataDir, 'session.json'), JSON.stringify(backend.session));
afterAll(async () => {
  rmSync(dataDir, { recursive: true });
  await backend.close();
});

/** Runs the command as `npm run smoke -- …` does, with these variables and no other credentials. */
async function run(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, AWS_SESSION_TOKEN: ___, ...env } = process.env;
  const command = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, ...args], {
    env: { ...env, DATA_DIR: dataDir, ...variables },
  });
  const exited = new Promise<number | null>((resolve) => command.once('close', resolve));
  const [out, error] = await Promise.all([text(command.stdout), text(command.stderr)]);
  return { code: await exited, lines: out.trim().split('\n'), error };
}

describe('npm run smoke', () => {
  test('checks local mode as anybody, as a user and as the engine', async () => {
    const { code, lines, error } = await run(['--stage', 'local']);
    expect({ code, error, failed: lines.filter((line) => !line.startsWith('ok')) }).toEqual({
      code: 0,
      error: '',
      failed: [],
    });
    expect(lines).toHaveLength(6);
  });

  test('checks an address with the credentials of the environment', async () => {
    const { apiUrl, tokens, runtime } = backend.session;
    expect((await run(['--url', apiUrl])).lines).toHaveLength(3);
    const signed = await run(['--url', apiUrl], {
      USER_TOKEN: tokens.administrator,
      AWS_ACCESS_KEY_ID: runtime.accessKeyId,
      AWS_SECRET_ACCESS_KEY: runtime.secretAccessKey,
      AWS_REGION: runtime.region,
    });
    expect(signed).toMatchObject({ code: 0, lines: Array(6).fill(expect.stringMatching(/^ok {4} /)) });
  });

  test('fails where a response is another, and prints no token', async () => {
    const { apiUrl, sandboxUrl } = backend.session;
    const refused = await run(['--url', apiUrl], { USER_TOKEN: 'made-up-token' });
    expect(refused.code).toBe(1);
    expect(refused.lines).toContainEqual(expect.stringMatching(/^FAILED projects, to a user: status 401/));
    expect(JSON.stringify(refused)).not.toContain('made-up-token');
    expect(await run(['--url', sandboxUrl])).toMatchObject({ code: 1 });
    expect(await run([])).toMatchObject({ code: 1, error: '--url is missing; see --help.\n' });
  });
});
