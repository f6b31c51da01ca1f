import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, test } from 'vitest';
import { startSecretsManager } from '../../../local/secrets-manager/server.ts';

const COMMAND = fileURLToPath(new URL('../../../tools/oauth-client.ts', import.meta.url));
const SECRET = 'made-up-client-secret';

const dataDir = mkdtempSync(join(tmpdir(), 'oauth-client-'));
const server = await startSecretsManager({ dataFile: join(dataDir, 'secrets.db') });
writeFileSync(join(dataDir, 'session.json'), JSON.stringify({ secretsManagerUrl: server.url }));
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const secrets = new SecretsManagerClient({ endpoint: server.url, region: 'eu-west-1', credentials });
afterAll(async () => {
  secrets.destroy();
  await server.close();
  rmSync(dataDir, { recursive: true });
});

/** Runs the command as `npm run oauth-client -- …` does. */
async function run(args: readonly string[], input = '') {
  const command = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', COMMAND, ...args], {
    env: { ...process.env, DATA_DIR: dataDir },
  });
  const exited = new Promise<number | null>((resolve) => command.once('close', resolve));
  command.stdin.end(input);
  const [out, error] = await Promise.all([text(command.stdout), text(command.stderr)]);
  return { code: await exited, out, error };
}

async function stored(client: string): Promise<unknown> {
  const SecretId = `connections-oauth-clients/local/${client}`;
  const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  return JSON.parse(SecretString);
}

const put = (client: string, id: string, secret: string) =>
  run(['put', client, '--stage', 'local', '--client-id', id], secret);

describe('npm run oauth-client', () => {
  test('puts, lists, replaces, removes and restores a client, and never prints its secret', async () => {
    const first = await put('google', 'platform-1', `${SECRET}\n`);
    expect(first).toMatchObject({ code: 0, error: '' });
    expect(first.out).toContain('google-calendar');
    expect(await stored('google')).toEqual({ clientId: 'platform-1', clientSecret: SECRET });
    const second = await put('google', 'platform-2', `${SECRET}-2`);
    expect(await stored('google')).toEqual({ clientId: 'platform-2', clientSecret: `${SECRET}-2` });
    const listing = await run(['list', '--stage', 'local']);
    expect(listing.out).toMatch(/^google .*\bgmail\b.*\bgoogle-calendar\b/);
    expect(await run(['remove', 'google', '--stage', 'local'])).toMatchObject({ code: 0 });
    await expect(stored('google')).rejects.toThrow('deletion');
    const again = await run(['remove', 'google', '--stage', 'local']);
    expect(again).toMatchObject({ code: 1, error: 'There is no client google.\n' });
    expect(await put('google', 'platform-3', SECRET)).toMatchObject({ code: 0 });
    expect(await stored('google')).toEqual({ clientId: 'platform-3', clientSecret: SECRET });
    expect([first, second, listing, again].map(({ out, error }) => out + error).join('')).not.toContain(
      SECRET,
    );
  });

  test.each([
    [['put', 'slack', SECRET, '--stage', 'local', '--client-id', 'x'], 'the secret is never an argument'],
    [['put', 'slack', '--client-id', 'x'], '--stage is missing'],
    [['put', 'Slack!', '--stage', 'local', '--client-id', 'x'], 'name of the client'],
    [['put', 'slack', '--stage', 'local'], '--client-id is missing'],
    [['put', 'slack', '--stage', 'local', '--client-id', 'x'], 'holds no client secret'],
    [['drop', 'slack', '--stage', 'local'], 'no command "drop"'],
  ])('refuses %j', async (args, message) => {
    const { code, out, error } = await run(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error).toContain(message);
  });
});
