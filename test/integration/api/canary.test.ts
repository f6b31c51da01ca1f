import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  GetSecretValueCommand,
  paginateListSecrets,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, describe, expect, test } from 'vitest';
import type { FaultMode } from '../../../local/sandbox/faults.ts';
import type { Session } from '../../../local/session.ts';
import { type RequestOptions, TestBackend } from '../../harness/backend.ts';
import type { ApiResponse } from '../../harness/response.ts';
import { Canary } from './canary.ts';

const MAIN = fileURLToPath(new URL('../../../local/main.ts', import.meta.url));

/** Runs local mode in its own process, and records its output and all responses. */
class RecordedBackend extends TestBackend {
  readonly responses: string[] = [];
  readonly output: string[];
  readonly #process: ChildProcess;

  constructor(session: Session, dataDir: string, process: ChildProcess, output: string[]) {
    const running = { session, whenIdle: () => this.whenIdle(), close: () => this.stop() };
    super(running, { dataDir, errors: [], notices: [] });
    this.#process = process;
    this.output = output;
  }

  static async start(): Promise<RecordedBackend> {
    const dataDir = mkdtempSync(join(tmpdir(), 'connections-canary-'));
    const started = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, '--verbose'], {
      env: { ...process.env, PORT: '0', DATA_DIR: dataDir, AWS_LAMBDA_LOG_LEVEL: 'DEBUG' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk) => output.push(String(chunk)));
    const ready = Promise.withResolvers<void>();
    started.stdout.on('data', () => output.join('').includes('is ready') && ready.resolve());
    started.once('exit', () =>
      ready.reject(new Error(`Local mode ended before it was ready: ${output.join('')}`)),
    );
    await ready.promise;
    const session: Session = JSON.parse(readFileSync(join(dataDir, 'session.json'), 'utf8'));
    return new RecordedBackend(session, dataDir, started, output);
  }

  override async request(method: string, path: string, options?: RequestOptions): Promise<ApiResponse> {
    return this.#record(await super.request(method, path, options));
  }

  override async engineRequest(...request: Parameters<TestBackend['engineRequest']>): Promise<ApiResponse> {
    return this.#record(await super.engineRequest(...request));
  }

  /** Runs the sweeper, whose response comes after all of its effects. */
  override async whenIdle(): Promise<void> {
    const response = await fetch(`${this.local.session.apiUrl}/local/schedules/sweep-orphans`, {
      method: 'POST',
    });
    this.responses.push(await response.text());
    expect(response.status).toBe(200);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }

  #record(response: ApiResponse): ApiResponse {
    this.responses.push(
      JSON.stringify([response.status, [...response.headers], response.text]),
      response.text,
    );
    return response;
  }
}

const backend = await RecordedBackend.start();
afterAll(() => backend.close());

/** Providers that receive credentials in a header, in Basic authentication, in a path and in a query. */
const PROVIDERS: Readonly<Record<string, (canary: Canary) => Record<string, string>>> = {
  slack: ({ credential }) => ({ token: credential }),
  jira: ({ credential }) => ({ site: 'made-up', email: 'jo@example.com', apiToken: credential }),
  trello: ({ core }) => ({ apiKey: core, token: `${core}-token` }),
  pipedrive: ({ credential }) => ({ apiToken: credential }),
};

const MODES: readonly FaultMode[] = ['down', 'rate_limited', 'forbidden', 'garbage', 'redirect', 'none'];
const account = { id: 'same', label: 'Same' };

/** Sends requests of every outcome with credentials that hold the canary. */
async function useEverywhere(provider: string, canary: Canary): Promise<void> {
  const credentials = PROVIDERS[provider]?.(canary) ?? {};
  const project = await backend.createProject();
  const flowId = await project.createFlow();
  const create = (body: unknown, options: RequestOptions = {}, step = 'step') =>
    project.request('PUT', `/flows/${flowId}/integrations/${step}`, { body, ...options });
  const statuses = new Set<number>();
  const note = async (sent: Promise<ApiResponse>) => {
    const response = await sent;
    statuses.add(response.status);
    return response;
  };
  const body = { provider, credentials };
  await note(create(body));
  await backend.sandbox.accept(provider, { credentials, account });
  const headers = { 'idempotency-key': randomUUID() };
  const made = await note(create(body, { headers }));
  await note(create(body, { headers }));
  await note(create({ ...body, name: 'Another' }, { headers }));
  const path = `/connections/${made.json.id}`;
  const reconnect = (body: unknown, options: RequestOptions = {}) =>
    project.request('POST', `${path}/reconnect`, { body, ...options });
  for (const mode of MODES) {
    await backend.sandbox.setFault(provider, mode);
    await note(create(body, {}, 'other'));
    await note(reconnect({ credentials }));
    await note(project.request('POST', `${path}/check`));
    await note(
      reconnect({ credentials }, { headers: { 'idempotency-key': `${mode}-${headers['idempotency-key']}` } }),
    );
  }
  for (const mode of ['slow', 'hang'] as const) {
    if (provider !== (mode === 'slow' ? 'jira' : 'slack')) continue;
    await backend.sandbox.setFault(provider, mode);
    const check = project.request('POST', `${path}/check`);
    const sent = [create(body, {}, 'other'), reconnect({ credentials }), reconnect({ credentials }), check];
    for (const one of sent) await note(one);
    await backend.sandbox.setFault(provider, 'none');
  }
  const other = { id: 'another', label: 'Another' };
  const { id: acceptance } = await backend.sandbox.accept(provider, { credentials, account: other });
  await note(reconnect({ credentials }));
  await note(
    reconnect({ credentials, allowAccountChange: true }, { headers: { 'if-match': `"${canary.core}"` } }),
  );
  await note(
    Promise.all([reconnect({ credentials, allowAccountChange: true }), reconnect({ credentials })]).then(
      ([one]) => one,
    ),
  );
  for (const malformed of malformedBodies(canary, credentials)) {
    await note(create({ provider, ...malformed }));
    await note(reconnect(malformed));
  }
  for (const raw of [
    `{"credentials":{"token":"${canary.core}"`,
    canary.core,
    'x'.repeat(70_000) + canary.core,
  ]) {
    await note(reconnect(raw));
    await note(reconnect(raw, { headers: { 'content-type': 'text/plain' } }));
  }
  for (const as of ['member', 'outsider', 'anonymous'] as const) {
    await note(create(body, { as }));
    await note(reconnect({ credentials }, { as }));
  }
  const authorization = `Bearer ${canary.core}`;
  await note(project.request('GET', path, { as: 'anonymous', headers: { authorization } }));
  await note(project.request('GET', `${path}?token=${encodeURIComponent(canary.credential)}`));
  await note(project.request('GET', `/connections?cursor=${canary.core}`));
  await note(
    project.request('PATCH', path, {
      body: { name: 'Renamed', token: canary.core },
      headers: { 'if-match': canary.core },
    }),
  );
  for (const read of [path, `${path}/history`, '/connections', `/connections?q=${canary.core}`, '/flows']) {
    await note(project.request('GET', read));
  }
  const runtime = `/v1/runtime/projects/${project.id}${path}`;
  await note(
    backend.engineRequest('POST', `${runtime}/failures`, { status: 401, message: `refused ${canary.core}` }),
  );
  await backend.sandbox.revoke(acceptance);
  await note(project.request('POST', `${path}/check`));
  await note(project.unlink(flowId, 'other'));
  await note(project.request('DELETE', `/flows/${flowId}`));
  for (const status of [200, 201, 204, 400, 401, 403, 404, 409, 412, 413, 415, 422, 503]) {
    expect([provider, ...statuses]).toContain(status);
  }
}

interface Secret {
  readonly name: string;
  readonly value: string;
}

/** Authorizes, completes, refreshes and fails, and returns every secret that passed through the backend meanwhile. */
async function authorizeEverywhere(provider: string): Promise<readonly Secret[]> {
  const project = await backend.createProject();
  const path = `/flows/${await project.createFlow()}/integrations/step`;
  const returnTo = `${backend.session.apiUrl}/returned`;
  const secrets: Secret[] = [];
  const authorize = async (from: string, body: object) => {
    const { json } = await project.request('POST', `${from}/authorize`, { body: { returnTo, ...body } });
    const callback = await backend.sandbox.decide(String(json.authorizationUrl));
    const [, state = ''] = (callback.searchParams.get('state') ?? '').split('.');
    secrets.push({ name: 'state', value: state });
    secrets.push({ name: 'code', value: callback.searchParams.get('code') ?? '' });
    const returned = await backend.request('GET', callback.pathname + callback.search, { as: 'anonymous' });
    await backend.request('GET', callback.pathname + callback.search, { as: 'anonymous' });
    const { searchParams } = new URL(returned.headers.get('location') ?? '');
    const completion = searchParams.get('completion') ?? '';
    secrets.push({ name: 'completion', value: completion });
    return { authorizationId: String(json.authorizationId), completion };
  };
  const first = await authorize(path, { provider });
  await project.complete(first, 'member');
  const { json } = await project.complete(first);
  await project.complete(first);
  const connection = `/connections/${json.id}`;
  await backend.sandbox.setTokens(provider, { accessTokenSeconds: 60 });
  for (const _ of [1, 2]) {
    const issued = await backend.engineRequest(
      'POST',
      `/v1/runtime/projects/${project.id}${connection}/credentials`,
    );
    expect(issued.status).toBe(200);
    secrets.push({ name: 'access token', value: String(Object(issued.json.credentials).accessToken) });
  }
  await project.complete(await authorize(connection, {}));
  await backend.sandbox.setTokens(provider, { mode: 'invalid_client' });
  await project.complete(await authorize(connection, {}));
  await project.request('POST', `${connection}/check`);
  await backend.sandbox.setTokens(provider, {});
  for (const read of [connection, `${connection}/history`, '/connections'])
    await project.request('GET', read);
  return secrets;
}

/** Responses that must carry a secret: to the browser that began or consented, and to the flow engine. */
const CARRIERS: Readonly<Record<string, RegExp>> = {
  state: /"authorizationUrl":|authorizationUrl/,
  completion: /location/,
  'access token': /accessToken/,
};

/** Returns bodies with the credential in wrong fields. */
function malformedBodies(
  { core, credential }: Canary,
  credentials: Record<string, string>,
): readonly Record<string, unknown>[] {
  return [
    { credentials: credential },
    { credentials: [core] },
    { credentials: { ...credentials, extra: core } },
    { credentials: { token: { nested: core } } },
    { credentials: { token: `${core}\n` } },
    { credentials: { apiKey: core.padEnd(20_000, 'x'), token: 7 } },
    { credentials, allowAccountChange: core, extra: credential },
    { credentials, connectionId: core, name: `\u0000${core}`, provider: core },
  ];
}

/** Reads every file below a folder; a byte becomes a character. */
function filesIn(folder: string): readonly { readonly file: string; readonly text: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'latin1') }));
}

/** Returns the data key, the secrets of OAuth clients and the refresh tokens, which Secrets Manager alone may hold. */
async function storedSecrets(): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const { secretsManagerUrl: endpoint, runtime } = backend.session;
  const { accessKeyId, secretAccessKey, region } = runtime;
  const client = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  const found: { name: string; value: string }[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client }, {})) {
    for (const { Name = '' } of SecretList) {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: Name }));
      if (SecretString.startsWith('{"1"'))
        found.push({ name: 'data key', value: JSON.parse(SecretString)['1'] });
      else {
        const { clientSecret, refreshToken } = JSON.parse(SecretString);
        if (clientSecret) found.push({ name: 'client secret', value: clientSecret });
        if (refreshToken) found.push({ name: 'refresh token', value: refreshToken });
      }
    }
  }
  client.destroy();
  for (const name of ['data key', 'client secret', 'refresh token']) {
    expect(found.map((secret) => secret.name)).toContain(name);
  }
  return found;
}

async function tableText(): Promise<string> {
  const { dynamodbUrl, tableName: TableName, runtime } = backend.session;
  const { accessKeyId, secretAccessKey, region } = runtime;
  const settings = { endpoint: dynamodbUrl, region, credentials: { accessKeyId, secretAccessKey } };
  const client = new DynamoDBClient(settings);
  const { Items } = await client.send(new ScanCommand({ TableName }));
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  client.destroy();
  const streams = new DynamoDBStreamsClient(settings);
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const records: unknown[] = [];
  for (const { ShardId } of StreamDescription?.Shards ?? []) {
    const start = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
    let { ShardIterator } = await streams.send(new GetShardIteratorCommand(start));
    for (let last = 1; ShardIterator && last > 0; ) {
      const { Records = [], NextShardIterator } = await streams.send(
        new GetRecordsCommand({ ShardIterator }),
      );
      records.push(...Records);
      last = Records.length;
      ShardIterator = NextShardIterator;
    }
  }
  streams.destroy();
  expect(records.length).toBeGreaterThan(50);
  return JSON.stringify([Items, records]);
}

/** The first test uses every route with every provider. */
const LONG_MS = 60_000;

describe('a credential', () => {
  test(
    'is in the secret store and nowhere else after any operation',
    async () => {
      const canaries = Object.keys(PROVIDERS).map((provider) => [provider, new Canary()] as const);
      await Promise.all(canaries.map(([provider, canary]) => useEverywhere(provider, canary)));
      const secrets = (
        await Promise.all(['google-calendar', 'microsoft-outlook'].map(authorizeEverywhere))
      ).flat();
      await backend.whenIdle();
      secrets.push(...(await storedSecrets()));
      const { apiUrl, sandboxUrl } = backend.session;
      const events = await (await fetch(`${apiUrl}/local/events`)).text();
      const requests = await (await fetch(`${sandboxUrl}/_control/requests`)).text();
      const table = await tableText();
      await backend.stop();
      const files = filesIn(backend.dataDir);
      const isSecret = ({ file }: { file: string }) => file.includes('secrets.db');
      const log = backend.output.join('');
      expect(log).toContain('"route":"connections/reconnect"');
      expect(events).toContain('reconnect_failed');
      for (const { name, value } of secrets) {
        expect(value.length, name).toBeGreaterThan(20);
        const mustCarry = (text: string) => CARRIERS[name]?.test(text) === true;
        const found = [
          ...backend.responses.filter((text) => text.includes(value) && !mustCarry(text)),
          ...[log, table, events, requests].filter((text) => text.includes(value)).map(() => 'an output'),
          ...files.filter((file) => !isSecret(file) && file.text.includes(value)).map(({ file }) => file),
        ];
        expect([name, found]).toEqual([name, []]);
      }
      for (const [provider, canary] of canaries) {
        const found = [
          ...backend.responses.filter((text) => canary.isIn(text)),
          ...(canary.isIn(log) ? [log.split('\n').find((line) => canary.isIn(line))] : []),
          ...(canary.isIn(table) ? ['the table or its stream'] : []),
          ...(canary.isIn(events) ? ['the events'] : []),
          ...(canary.isIn(requests) ? ["the sandbox's list"] : []),
          ...files.filter((file) => !isSecret(file) && canary.isIn(file.text)).map(({ file }) => file),
        ];
        expect([provider, found]).toEqual([provider, []]);
        expect(files.filter(isSecret).some(({ text }) => canary.isIn(text))).toBe(true);
      }
    },
    LONG_MS,
  );

  test('is detected, plain or encoded', () => {
    const canary = new Canary();
    const { core, credential } = canary;
    const base64 = ['', 'a', 'ab'].map((before) => Buffer.from(`${before}${core}:after`).toString('base64'));
    const escaped = [
      JSON.stringify({ credential }),
      encodeURIComponent(credential),
      JSON.stringify(JSON.stringify(credential)),
    ];
    for (const text of [core, credential, ...base64, ...escaped, Buffer.from(core).toString('hex')]) {
      expect(canary.isIn(`before ${text} after`)).toBe(true);
    }
    expect(canary.isIn(new Canary().core)).toBe(false);
  });
});
