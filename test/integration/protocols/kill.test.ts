import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { BackendProcess } from '../../harness/backend-process.ts';
import { type HoldsCredentialsOf, invariantViolations } from '../../harness/invariants.ts';
import { expectStatus } from '../../harness/response.ts';
import { Sandbox } from '../../harness/sandbox.ts';
import { readState } from '../../harness/stored-state.ts';

/** Decides after how many responses the process is killed; each run has another mix of requests under way. */
const SEED = 20_261_102;
const RUNS = 3;
const REQUESTS_OF_A_KIND = 6;

const backend = new BackendProcess();
beforeAll(async () => {
  await backend.start();
}, 60_000);
afterAll(() => backend.remove(), 60_000);

const project = '/v1/projects/demo';
const step = (flow: string) => `${project}/flows/${flow}/integrations/step`;
const connection = (id: string) => `${project}/connections/${id}`;
/** The credentials of a connection have its name; those of its reconnect have its name and `-new`. */
const credentials = (name: string) => sampleCredentials('trello', name);

async function accept(...names: readonly string[]): Promise<void> {
  const sandbox = new Sandbox(backend.session.sandboxUrl);
  const account = { id: 'account-1', label: 'Jo' };
  for (const name of names) await sandbox.accept('trello', { credentials: credentials(name), account });
}

async function createFlow(name: string): Promise<void> {
  expectStatus(200, await backend.request('PUT', `${project}/flows/${name}`, { name }));
}

const create = (name: string) =>
  backend.request('PUT', step(name), { provider: 'trello', credentials: credentials(name), name });
const reconnect = (id: string, name: string) =>
  backend.request('POST', `${connection(id)}/reconnect`, { credentials: credentials(`${name}-new`) });
const disconnect = (name: string) => backend.request('DELETE', step(name));

/** Creates a connection in a flow of the same name, and returns its id. */
async function connect(name: string): Promise<string> {
  await accept(name, `${name}-new`);
  await createFlow(name);
  const response = await create(name);
  expectStatus(201, response);
  return String(response.json.id);
}

/** Local mode's demo connections have other credentials. */
const holdsCredentialsOf: HoldsCredentialsOf = (secret, { type, name, projectId }) => {
  const isOwn = name.startsWith('run-') || name.startsWith('leased');
  const expected = credentials(type === 'reconnected' ? `${name}-new` : name);
  return projectId !== 'demo' || !isOwn || secret === JSON.stringify(expected);
};

/** Runs the sweeper at a time after every lease and intent expired, and waits for its effects. */
async function sweep(): Promise<void> {
  const at = new Date(Date.now() + 20 * 60_000).toISOString();
  const response = await fetch(`${backend.session.apiUrl}/local/schedules/sweep-orphans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ at }),
  });
  expect(response.status).toBe(200);
}

async function expectInvariants(): Promise<void> {
  const violations = await backend.withStorage(async (storage) =>
    invariantViolations(await readState(storage), storage, holdsCredentialsOf),
  );
  expect(violations).toEqual([]);
}

/** Yields the same numbers for the same seed (Park and Miller's generator). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state;
  }
}
const random = numbers(SEED);

interface SentRequest {
  readonly kind: 'create' | 'reconnect' | 'disconnect';
  readonly name: string;
  readonly id: string;
  /** Null if the process died before it responded. */
  status: number | null;
}

async function send(request: SentRequest, onResponse: () => void): Promise<void> {
  const { kind, name, id } = request;
  const sent =
    kind === 'create' ? create(name) : kind === 'reconnect' ? reconnect(id, name) : disconnect(name);
  try {
    request.status = (await sent).status;
    onResponse();
  } catch {
    // The process died.
  }
}

test.for(Array.from({ length: RUNS }, (_, run) => run))(
  'run %i: a kill among many requests and a restart lose nothing, and leave nothing half done',
  { timeout: 60_000 },
  async (run) => {
    const names = Array.from({ length: REQUESTS_OF_A_KIND }, (_, index) => `run-${run}-${index}`);
    const requests: SentRequest[] = [];
    for (const name of names) {
      await accept(`${name}-a`);
      await createFlow(`${name}-a`);
      requests.push({ kind: 'create', name: `${name}-a`, id: '', status: null });
      requests.push({ kind: 'reconnect', name: `${name}-b`, id: await connect(`${name}-b`), status: null });
      requests.push({ kind: 'disconnect', name: `${name}-c`, id: await connect(`${name}-c`), status: null });
    }
    const responsesBeforeKill = 1 + (random.next().value % (2 * REQUESTS_OF_A_KIND));
    const reached = Promise.withResolvers<void>();
    let responses = 0;
    const sent = requests.map((request) =>
      send(request, () => {
        responses += 1;
        if (responses >= responsesBeforeKill) reached.resolve();
      }),
    );
    await reached.promise;
    const before = backend.session;
    await backend.kill();
    await Promise.all(sent);
    if (run === 0) await backend.whenChildrenExited();
    const after = await backend.start();

    expect(after.pid).not.toBe(before.pid);
    const headers = { authorization: `Bearer ${before.tokens.administrator}` };
    expect((await fetch(`${after.apiUrl}${project}/connections`, { headers })).status).toBe(200);
    await sweep();
    await expectInvariants();

    for (const { kind, name, id, status } of requests) {
      if (kind === 'create') expectStatus(201, await create(name));
      if (kind === 'reconnect') {
        const found = await backend.request('GET', connection(id));
        expectStatus(200, found);
        if (status !== null) expect(found.json.reconnectedAt).not.toBeNull();
        expectStatus(200, await reconnect(id, name));
      }
      if (kind === 'disconnect' && status !== null) {
        expectStatus(404, await backend.request('GET', connection(id)));
      }
      if (kind === 'disconnect' && status === null) {
        expect([204, 404]).toContain((await disconnect(name)).status);
      }
    }
    expect(requests.filter(({ status }) => status !== null).length).toBeGreaterThanOrEqual(
      responsesBeforeKill,
    );
    await sweep();
    await expectInvariants();
  },
);

test('after a kill during a verification the old credentials serve, and the sweeper removes the lease', {
  timeout: 60_000,
}, async () => {
  const id = await connect('leased');
  await new Sandbox(backend.session.sandboxUrl).setFault('trello', 'hang');
  // One of the two is refused; the other waits for the provider.
  const both = [reconnect(id, 'leased'), reconnect(id, 'leased')].map((sent) => sent.catch(() => null));
  expect((await Promise.race(both))?.json.code).toBe('reconnect_in_progress');
  await backend.kill();
  expect((await Promise.all(both)).filter((response) => response === null)).toHaveLength(1);
  await backend.start();
  await new Sandbox(backend.session.sandboxUrl).setFault('trello', 'none');

  expect((await reconnect(id, 'leased')).json.code).toBe('reconnect_in_progress');
  await sweep();
  await expectInvariants();
  const history = await backend.request('GET', `${connection(id)}/history`);
  expect(history.json.items).toEqual([
    expect.objectContaining({ type: 'reconnect_failed', reason: 'interrupted' }),
    expect.objectContaining({ type: 'linked' }),
    expect.objectContaining({ type: 'created' }),
  ]);
  expectStatus(200, await reconnect(id, 'leased'));
});
