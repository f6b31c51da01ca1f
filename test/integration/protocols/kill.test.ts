import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { expectStatus } from '../../harness/response.ts';
import { Sandbox } from '../../harness/sandbox.ts';
import { breaches, type IsRight } from './invariants.ts';
import { Killable } from './killable.ts';

/** Which answers there were when the process died; each round has another mix of requests under way. */
const SEED = 20_261_102;
const ROUNDS = 3;
const OF_EACH = 6;

const backend = new Killable();
beforeAll(async () => {
  await backend.start();
}, 60_000);
afterAll(() => backend.remove(), 60_000);

const project = '/v1/projects/demo';
const step = (flow: string) => `${project}/flows/${flow}/integrations/step`;
const connection = (id: string) => `${project}/connections/${id}`;
/** The credentials of a connection go by its name; those of a reconnect by its name and `-new`. */
const credentials = (name: string) => sampleCredentials('trello', name);

async function accept(...names: readonly string[]): Promise<void> {
  const sandbox = new Sandbox(backend.session.sandboxUrl);
  const account = { id: 'account-1', label: 'Jo' };
  for (const name of names) await sandbox.accept('trello', { credentials: credentials(name), account });
}

async function makeFlow(name: string): Promise<void> {
  expectStatus(200, await backend.ask('PUT', `${project}/flows/${name}`, { name }));
}

const create = (name: string) =>
  backend.ask('PUT', step(name), { provider: 'trello', credentials: credentials(name), name });
const reconnect = (id: string, name: string) =>
  backend.ask('POST', `${connection(id)}/reconnect`, { credentials: credentials(`${name}-new`) });
const disconnect = (name: string) => backend.ask('DELETE', step(name));

async function connected(name: string): Promise<string> {
  await accept(name, `${name}-new`);
  await makeFlow(name);
  const answer = await create(name);
  expectStatus(201, answer);
  return String(answer.json.id);
}

const isRight: IsRight = (secret, { type, name, projectId }) => {
  const isOurs = name.startsWith('round-') || name.startsWith('marked');
  const expected = credentials(type === 'reconnected' ? `${name}-new` : name);
  return projectId !== 'demo' || !isOurs || secret === JSON.stringify(expected);
};

/** Sweeps as if the deadlines were past, and waits for what follows from it. */
async function sweep(): Promise<void> {
  const at = new Date(Date.now() + 20 * 60_000).toISOString();
  const answer = await fetch(`${backend.session.apiUrl}/local/schedules/sweep-orphans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ at }),
  });
  expect(answer.status).toBe(200);
}

/** What is wrong with everything there is, besides what this test, and the scheduled checks meanwhile, leave. */
function wrong(): Promise<readonly string[]> {
  return backend.read(async (state, place) => {
    const others = state.others.filter((key) => !/ MEMBER#|^IDEMPOTENCY#|^AGENDA |^BUDGET#/.test(key));
    return breaches({ ...state, others }, place, isRight);
  });
}

/** The same numbers for the same seed (Park and Miller's generator). */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state;
  }
}
const random = numbers(SEED);

interface Asked {
  readonly what: 'create' | 'reconnect' | 'disconnect';
  readonly name: string;
  readonly id: string;
  status: number | null;
}

async function sent(asked: Asked, answered: () => void): Promise<void> {
  const { what, name, id } = asked;
  const request =
    what === 'create' ? create(name) : what === 'reconnect' ? reconnect(id, name) : disconnect(name);
  try {
    asked.status = (await request).status;
    answered();
  } catch {
    // It died before it answered.
  }
}

test.for(Array.from({ length: ROUNDS }, (_, round) => round))(
  'round %i: killed among many requests, started again: nothing lost, half done or left over',
  { timeout: 60_000 },
  async (round) => {
    const names = Array.from({ length: OF_EACH }, (_, index) => `round-${round}-${index}`);
    const all: Asked[] = [];
    for (const name of names) {
      await accept(`${name}-a`);
      await makeFlow(`${name}-a`);
      all.push({ what: 'create', name: `${name}-a`, id: '', status: null });
      all.push({ what: 'reconnect', name: `${name}-b`, id: await connected(`${name}-b`), status: null });
      all.push({ what: 'disconnect', name: `${name}-c`, id: await connected(`${name}-c`), status: null });
    }
    const last = random.next().value % (2 * OF_EACH);
    const reached = Promise.withResolvers<void>();
    let responses = 0;
    const requests = all.map((asked) =>
      sent(asked, () => {
        responses += 1;
        if (responses > last) reached.resolve();
      }),
    );
    await reached.promise;
    const before = backend.session;
    await backend.kill();
    await Promise.all(requests);
    if (round === 0) await backend.nobodyIsLeft();
    const after = await backend.start();

    expect(after.pid).not.toBe(before.pid);
    const earlier = { authorization: `Bearer ${before.tokens.administrator}` };
    expect((await fetch(`${after.apiUrl}${project}/connections`, { headers: earlier })).status).toBe(200);
    await sweep();
    expect(await wrong()).toEqual([]);

    for (const { what, name, id, status } of all) {
      if (what === 'create') expectStatus(201, await create(name));
      if (what === 'reconnect') {
        const told = await backend.ask('GET', connection(id));
        expectStatus(200, told);
        if (status !== null) expect(told.json.reconnectedAt).not.toBeNull();
        expectStatus(200, await reconnect(id, name));
      }
      if (what === 'disconnect' && status !== null)
        expectStatus(404, await backend.ask('GET', connection(id)));
      if (what === 'disconnect' && status === null)
        expect([204, 404]).toContain((await disconnect(name)).status);
    }
    expect(all.filter(({ status }) => status !== null).length).toBeGreaterThan(last);
    await sweep();
    expect(await wrong()).toEqual([]);
  },
);

test('killed while a provider is asked: the old credentials serve, and the sweeper ends the reconnect', {
  timeout: 60_000,
}, async () => {
  const id = await connected('marked');
  const sandbox = new Sandbox(backend.session.sandboxUrl);
  await sandbox.setFault('trello', 'hang');
  // One of two is told that the other is under way; that one waits for the provider.
  const both = [reconnect(id, 'marked'), reconnect(id, 'marked')].map((asked) => asked.catch(() => null));
  expect((await Promise.race(both))?.json.code).toBe('reconnect_in_progress');
  await backend.kill();
  expect((await Promise.all(both)).filter((answer) => answer === null)).toHaveLength(1);
  await backend.start();
  await new Sandbox(backend.session.sandboxUrl).setFault('trello', 'none');

  expect((await reconnect(id, 'marked')).json.code).toBe('reconnect_in_progress');
  await sweep();
  expect(await wrong()).toEqual([]);
  const history = await backend.ask('GET', `${connection(id)}/history`);
  expect(history.json.items).toEqual([
    expect.objectContaining({ type: 'reconnect_failed', reason: 'interrupted' }),
    expect.objectContaining({ type: 'linked' }),
    expect.objectContaining({ type: 'created' }),
  ]);
  expectStatus(200, await reconnect(id, 'marked'));
});
