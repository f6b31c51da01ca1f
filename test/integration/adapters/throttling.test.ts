import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { credentialReader, credentialWriter } from '../../../shared/adapters/aws/secrets/credential-store.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { roleReader } from '../../../shared/adapters/aws/table/members.ts';
import { routes } from '../../../shared/contract/http/index.ts';
import { codesOf } from '../../../shared/contract/http/problems.ts';
import type { Route } from '../../../shared/contract/http/route.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { AwsClientPool, type AwsClients } from '../../harness/aws-clients.ts';
import { FaultInjector, type FaultKind } from '../../harness/fault-injector.ts';

const pool = new AwsClientPool();
beforeEach(() => {
  // The SDK waits a random part of its backoff; zero makes it retry at once.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'made-up');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'made-up');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });
});

const table = (clients: AwsClients) => ({ client: clients.dynamodb(), name: 'table' });
const secrets = (clients: AwsClients) => ({
  client: clients.secretsManager(),
  prefix: '',
  kmsKeyId: undefined,
  tags: {},
});

const VERSION = {
  projectId: 'demo',
  connectionId: 'con_1',
  store: 'secret-per-connection',
  version: '019c9f0c-0000-7000-8000-000000000000',
} as const;
const CREDENTIALS = new Credentials({ token: 'made-up' });

const CALLS: Readonly<Record<string, (clients: AwsClients) => Promise<unknown>>> = {
  'a read of a connection': (clients) =>
    connectionReader(table(clients)).find({ projectId: 'demo', connectionId: 'con_1' }),
  'a read of a role': (clients) => roleReader(table(clients)).read({ projectId: 'demo', userId: 'ada' }),
  'a read of credentials': (clients) => credentialReader(secrets(clients)).read(VERSION),
  'the creation of a secret': (clients) =>
    credentialWriter(secrets(clients)).create(VERSION, CREDENTIALS, 'trello'),
  'a new version of a secret': (clients) => credentialWriter(secrets(clients)).put(VERSION, CREDENTIALS),
  'a promotion of a version': (clients) => credentialWriter(secrets(clients)).promote(VERSION, 'from'),
};

/** Makes a call of which every attempt fails. */
function callWith(kind: FaultKind, call: ((clients: AwsClients) => Promise<unknown>) | undefined) {
  const injector = new FaultInjector({ faults: [{ at: 0, kind, lasting: true }] });
  const clients = pool.borrow(injector, true);
  onTestFinished(() => clients.giveBack());
  return { injector, result: call?.(clients) };
}

describe('when AWS throttles every attempt', () => {
  test.each(Object.entries(CALLS))('%s is refused as busy', async (_name, call) => {
    const { injector, result } = callWith('throttled', call);
    await expect(result).rejects.toMatchObject({ problem: { code: 'busy', retryAfterSeconds: 1 } });
    expect(injector.calls).toHaveLength(1);
  });
});

describe('when AWS fails every attempt', () => {
  test.each(Object.entries(CALLS))('%s fails with an internal error', async (_name, call) => {
    await expect(callWith('server_error', call).result).rejects.not.toHaveProperty('problem');
  });
});

test('every route that calls AWS declares the code busy, and no other route does', () => {
  const declared = Object.values<Route>(routes);
  const busy = declared.filter((route) => codesOf(route).includes('busy'));
  const ofCatalog = declared.filter(({ entry }) =>
    ['providers/icon', 'oauth/client-metadata'].includes(entry),
  );
  expect(new Set(declared).difference(new Set(busy))).toEqual(new Set(ofCatalog));
});
