import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECRET_NAMES } from '../../../local/environment.ts';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { writeSession } from '../../../local/session.ts';
import { signedFetch } from '../../../local/signed-fetch.ts';
import { USERS } from '../../../local/users.ts';
import { countsItem } from '../../../shared/adapters/aws/table/items.ts';
import type { CredentialStoreName } from '../../../shared/domain/terms.ts';
import { type Project, TestBackend } from '../../harness/backend.ts';
import { BackendProcess, withStorage } from '../../harness/backend-process.ts';
import {
  readServing,
  readState,
  type Storage,
  type StoredState,
  storeOf,
} from '../../harness/stored-state.ts';
import { parseConnectionPage, parseFlowPage } from '../../harness/views.ts';
import { Canary } from '../api/canary.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** More for a trial by hand: `CONNECTIONS=10000 npx vitest run …`. */
const CONNECTIONS = Number(process.env.CONNECTIONS ?? 30);
const KILLS = 2;
const TIMEOUT = { timeout: 60_000 + 200 * CONNECTIONS };

const folder = mkdtempSync(join(tmpdir(), 'moving-'));
const file = (name: string) => join(folder, name);
const target = new BackendProcess();
let source: TestBackend;
beforeAll(async () => {
  await target.start();
  source = await TestBackend.open();
  writeSession(source.dataDir, source.session);
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  writeFileSync(file('public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(file('private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
}, 60_000);
afterAll(async () => {
  await source.close();
  await target.remove();
  rmSync(folder, { recursive: true });
}, 60_000);

const PROVIDERS = ['trello', 'hubspot', 'brevo'] as const;

/** Starts a command against a local mode. Its providers allow as many calls as the test makes. */
function start(dataDir: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const rates = JSON.stringify(Object.fromEntries(PROVIDERS.map((id) => [id, 1_000])));
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'tools/move/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: dataDir, PROVIDER_CALL_RATES: rates, ...environment },
  });
}

async function run(dataDir: string, args: readonly string[], environment?: NodeJS.ProcessEnv) {
  const child = start(dataDir, args, environment);
  const closed = once(child, 'close');
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, out, error };
}

const importing = (project: string, name: string, ...more: readonly string[]) =>
  ['import', '--project', project, '--file', file(name), '--per-second', '10000', ...more] as const;

const exporting = (project: string, name: string) =>
  ['export', '--project', project, '--file', file(name), '--public-key', file('public.pem')] as const;

const reportOf = (name: string): readonly Record<string, unknown>[] =>
  readFileSync(file(`${name}.report.ndjson`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.line - b.line);

const stateOf = (project: string) => target.withStorage((storage) => stateIn(storage, project));

async function stateIn(storage: Storage, project: string): Promise<StoredState> {
  const state = await readState(storage);
  return { ...state, connections: state.connections.filter(({ projectId }) => projectId === project) };
}

/** Counts the connections of a project. */
const countOf = (project: string) =>
  target.withStorage(async ({ table, tableName: TableName }) => {
    const Key = { pk: `PROJECT#${project}`, sk: 'COUNTS' };
    const { Item } = await table.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return Item ? countsItem.parse(Item).total : 0;
  });

/** Reads the serving credentials of a project's connections, by their names. */
async function servingIn(storage: Storage, project: string): Promise<ReadonlyMap<string, unknown>> {
  const texts = new Map<string, unknown>();
  for (const connection of (await stateIn(storage, project)).connections) {
    const credentials = await readServing(storage, connection);
    texts.set(connection.item.summary.name, JSON.parse(credentials ?? 'null'));
  }
  return texts;
}

const servingOf = (project: string) => target.withStorage((storage) => servingIn(storage, project));

/** Makes up connections of another platform, whose providers accept their credentials. */
async function writeConnections(name: string, count: number): Promise<readonly Record<string, unknown>[]> {
  const lines = Array.from({ length: count }, (_, index) => {
    const provider = PROVIDERS[index % PROVIDERS.length] ?? 'trello';
    const steps = [`step-${index}`, `step-${index}-again`];
    return {
      ...{ id: `platform-${index}`, provider, name: `Connection ${index}` },
      connectedAt: new Date(Date.UTC(2024, 0, 1) + index * 60_000).toISOString(),
      flows: [{ id: `flow-${Math.floor(index / 5)}`, name: `Flow ${Math.floor(index / 5)}`, steps }],
      credentials: sampleCredentials(provider, `moving-${index}`),
    };
  });
  for (let from = 0; from < count; from += 100) {
    const body = lines
      .slice(from, from + 100)
      .map(({ provider, credentials }) => ({ provider, credentials }));
    const response = await fetch(`${target.session.sandboxUrl}/_control/credential-lists`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
  }
  writeLines(name, lines);
  return lines;
}

function writeLines(name: string, lines: readonly unknown[]): void {
  writeFileSync(file(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

describe('an import that is killed again and again, and repeated', TIMEOUT, () => {
  const STORES: readonly CredentialStoreName[] = ['secret-per-connection', 'sealed'];
  test.each(STORES)('makes every connection once in the store %s', async (store) => {
    const project = `killed-${store}`;
    const lines = await writeConnections('killed', CONNECTIONS);
    const args = [...importing(project, 'killed'), '--store', store];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const child = start(target.dataDir, args);
      child.stdout.resume();
      child.stderr.resume();
      const exited = once(child, 'exit');
      const isReached = async () => (await countOf(project)) >= (CONNECTIONS / (KILLS + 1)) * kill;
      const isOver = async () => child.exitCode !== null || (await isReached());
      await expect.poll(isOver, { interval: 20, timeout: TIMEOUT.timeout }).toBe(true);
      child.kill('SIGKILL');
      await exited;
    }
    expect(await countOf(project)).toBeLessThan(CONNECTIONS);
    const { code, out } = await run(target.dataDir, args);
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('refused 0, failed 0') });
    await expectComplete(project, lines, store);
    const again = await run(target.dataDir, args);
    expect(again.out).toContain(`imported 0, known ${CONNECTIONS}, disconnected 0, refused 0, failed 0`);
    expect((await stateOf(project)).connections).toHaveLength(CONNECTIONS);
  });

  async function expectComplete(
    project: string,
    lines: readonly Record<string, unknown>[],
    store: CredentialStoreName,
  ): Promise<void> {
    const { connections, counts, steps } = await stateOf(project);
    expect(counts.get(project)).toEqual({ total: CONNECTIONS, active: CONNECTIONS, inactive: 0 });
    expect(new Set(connections.map(({ item }) => storeOf(item)))).toEqual(new Set([store]));
    expect(await servingOf(project)).toEqual(new Map(lines.map((line) => [line.name, line.credentials])));
    const linked = steps.filter(({ flow }) => flow.startsWith(`${project}/`));
    expect(linked).toHaveLength(2 * CONNECTIONS);
    const ids = new Map(connections.map(({ id, item }) => [item.summary.name, id]));
    const reported = reportOf('killed').map(({ id, connectionId }) => [id, connectionId]);
    expect(reported).toEqual(lines.map(({ id, name }) => [id, ids.get(String(name))]));
  }
});

describe('an export', TIMEOUT, () => {
  let project: Project;
  beforeAll(async () => {
    project = await source.createProject();
    const flowId = await project.createFlow('shared');
    const account = { id: 'team', label: 'Team' };
    const trello = await project.connect({
      provider: 'trello',
      name: 'Wall',
      flowId,
      stepId: 'one',
      account,
    });
    await project.link('shared', 'two', trello);
    await project.link(await project.createFlow('other'), 'three', trello);
    await project.authorize({ provider: 'google-calendar', name: 'Calendar', flowId, stepId: 'four' });
    await project.authorize({ provider: 'shopify-oauth', name: 'Shop', flowId, stepId: 'five' });
    await project.revokeAndCheck(await project.connect({ provider: 'hubspot', name: 'Sales' }));
    const expiresAt = new Date(Date.now() + 10 * 24 * 60 * 60 * 1000).toISOString();
    await project.connect({ provider: 'brevo', name: 'Mail', enteredExpiresAt: expiresAt });
    const { out } = await run(source.dataDir, exporting(project.id, 'exported'));
    expect(out).toBe('exported 5, failed 0\n');
  });

  test('imports back as it was, into another stage and store', async () => {
    const moved = `moved-${project.id}`;
    const options = ['--private-key', file('private.pem'), '--no-verify', '--store', 'sealed'];
    const { out } = await run(target.dataDir, importing(moved, 'exported', ...options));
    expect(out).toContain('imported 5, known 0, disconnected 0, refused 0, failed 0');
    const { id } = USERS.administrator;
    const role = { role: 'administrator' };
    await signedFetch(target.session, 'PUT', `/v1/runtime/projects/${moved}/members/${id}`, role);
    const path = `/v1/projects/${moved}`;
    const page = parseConnectionPage(await target.request('GET', `${path}/connections`));
    const original = await project.list();
    expect(page.counts).toEqual(original.counts);
    expect(page.items.map(seen)).toEqual(original.items.map(seen));
    const flows = parseFlowPage(await target.request('GET', `${path}/flows`));
    const namesOf = (items: readonly { id: string; name: string }[]) =>
      new Map(items.map((item) => [item.id, item.name]));
    const seenFlows = ({ items }: typeof flows, names: ReadonlyMap<string, string>) =>
      items.map(({ integrations, ...flow }) => ({
        ...flow,
        integrations: integrations.map((step) => ({ ...step, connectionId: names.get(step.connectionId) })),
      }));
    expect(seenFlows(flows, namesOf(page.items))).toEqual(
      seenFlows(await project.flows(), namesOf(original.items)),
    );
    expect(await servingOf(moved)).toEqual(await originalCredentials());
  });

  /** The fields that users see, without ids and what counts changes. */
  function seen(view: Awaited<ReturnType<Project['list']>>['items'][number]) {
    const { id: _, projectId: _p, updatedAt: _u, version: _v, nextCheckAt: _n, provider, ...rest } = view;
    return { ...rest, provider: provider.id };
  }

  const originalCredentials = () => withStorage(source.session, (storage) => servingIn(storage, project.id));

  test('imports into another project of the stage, verified, and flows get the same access tokens', async () => {
    const moved = await source.createProject();
    const options = ['--private-key', file('private.pem')];
    const { out } = await run(source.dataDir, importing(moved.id, 'exported', ...options));
    expect(out).toContain('imported 5, known 0, disconnected 0, refused 0, failed 0');
    const issue = async (of: Project) => {
      const { id } = (await of.list()).items.find(({ name }) => name === 'Calendar') ?? {};
      const path = `/v1/runtime/projects/${of.id}/connections/${id}/credentials`;
      return (await source.engineRequest('POST', path)).json.credentials;
    };
    expect(await issue(moved)).toEqual(await issue(project));
  });

  test('holds no credential in the clear, and opens for the owner of the key alone', async () => {
    const exported = readFileSync(file('exported'), 'utf8');
    for (const credentials of (await originalCredentials()).values()) {
      for (const value of Object.values(credentials as object)) {
        if (!['Bearer', 'sample-shop'].includes(value)) expect(exported).not.toContain(value);
      }
    }
    expect(statSync(file('exported')).mode & 0o777).toBe(0o600);
    const { privateKey } = generateKeyPairSync('x25519');
    writeFileSync(file('other.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const refused = await run(
      target.dataDir,
      importing('refused', 'exported', '--private-key', file('other.pem')),
    );
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('refused 5') });
    const errors = [{ path: 'sealed', message: 'was altered, or sealed for another key' }];
    expect(reportOf('exported')[0]).toMatchObject({ line: 1, outcome: 'refused', errors });
  });
});

test('a deployed stage is opened by the environment of one of its functions', TIMEOUT, async () => {
  await writeConnections('deployed', 1);
  const { dynamodbUrl, secretsManagerUrl, sandboxUrl, tableName, runtime } = target.session;
  const stage = {
    ...SECRET_NAMES,
    ...{ TABLE_NAME: tableName, CREDENTIALS_STORE: 'sealed', PROVIDERS_ENDPOINT_URL: sandboxUrl },
  };
  writeFileSync(file('stage.json'), JSON.stringify(stage));
  const { accessKeyId, secretAccessKey, region } = runtime;
  const { code, out } = await run(
    file('no-local-mode'),
    importing('deployed', 'deployed', '--environment', file('stage.json')),
    {
      ...{ AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
      ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamodbUrl, AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManagerUrl },
    },
  );
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('imported 1,') });
  expect((await stateOf('deployed')).connections.map(({ item }) => storeOf(item))).toEqual(['sealed']);
});

test.each([
  [['export', '--project', 'p', '--file', 'f'], '--public-key is missing; --help shows the options.'],
  [['import', '--file', 'f', '--project', 'a/b'], '--project is 1 to 128 characters of A-Z a-z 0-9 . _ : -'],
])('%j is refused', async (args, message) => {
  expect(await run(folder, args)).toEqual({ code: 1, out: '', error: `${message}\n` });
});

test('a report has the reason of each refused line, and nothing has a credential', TIMEOUT, async () => {
  const canary = new Canary();
  const [accepted] = await writeConnections('refused', 1);
  const line = (id: string, changes: object) => ({ ...accepted, id, ...changes });
  const secret = { token: canary.core };
  const flows = (stepId: string) => ({ flows: [{ id: 'flow-x', name: 'X', steps: [stepId] }] });
  writeLines('refused', [
    line('ok', {}),
    line('ok', {}),
    line('rejected', { ...flows('a'), provider: 'hubspot', credentials: secret }),
    line('unknown-provider', { provider: 'nobody', credentials: secret }),
    line('unknown-field', {
      provider: 'hubspot',
      credentials: { [`x${canary.core.replaceAll('-', '')}`]: 'x' },
    }),
    line('wrong-place', { [canary.core]: 'x', credentials: secret }),
    line('step-in-use', { credentials: secret }),
    line('no-steps', { flows: [], credentials: secret }),
    line('authorized', { ...flows('b'), provider: 'google-calendar', credentials: { token: canary.core } }),
    `${canary.core} is no object`,
    line('sealed', { credentials: undefined, sealed: canary.core }),
  ]);
  writeFileSync(file('refused'), `{"id":"cut","credentials":{"token":"${canary.core}`, { flag: 'a' });
  const { code, out, error } = await run(target.dataDir, importing('refusals', 'refused'));
  expect(code).toBe(1);
  expect(out).toContain('imported 1, known 0, disconnected 0, refused 11, failed 0');
  const invalid = (path: string, message: unknown) => ({
    code: 'invalid_request',
    errors: [{ path, message }],
  });
  expect(reportOf('refused')).toMatchObject([
    { line: 1, id: 'ok', outcome: 'imported', status: 'active' },
    { line: 2, id: 'ok', outcome: 'refused', code: 'duplicate_id' },
    { line: 3, id: 'rejected', outcome: 'refused', code: 'credentials_rejected', reason: 'access_revoked' },
    { line: 4, id: 'unknown-provider', code: 'provider_not_found' },
    { line: 5, code: 'invalid_request', errors: [{ path: 'credentials' }, { path: 'credentials.token' }] },
    { line: 6, ...invalid('', 'has a field that is not known here') },
    { line: 7, code: 'invalid_request', errors: [{ path: expect.stringMatching(/flows|credentials/) }] },
    { line: 8, code: 'invalid_request', errors: [{ path: 'flows' }] },
    { line: 9, code: 'invalid_request', errors: [{ path: 'credentials.refreshToken' }] },
    { line: 10, code: 'invalid_request' },
    { line: 11, ...invalid('sealed', 'needs --private-key') },
    { line: 12, ...invalid('', 'is not valid JSON; the line may be cut') },
  ]);
  const written = [out, error, readFileSync(file('refused.report.ndjson'), 'utf8')].join('\n');
  expect(canary.isIn(written)).toBe(false);
  expect(written).not.toContain(canary.core.replaceAll('-', ''));
});
