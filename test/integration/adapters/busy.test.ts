import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSecrets } from '../../../shared/adapters/aws/secrets/client.ts';
import { secretReader } from '../../../shared/adapters/aws/secrets/reader.ts';
import { secretWriter } from '../../../shared/adapters/aws/secrets/writer.ts';
import { openTable } from '../../../shared/adapters/aws/table/client.ts';
import { connectionReader } from '../../../shared/adapters/aws/table/connections.ts';
import { memberReader } from '../../../shared/adapters/aws/table/members.ts';
import { routes } from '../../../shared/contract/http/index.ts';
import { codesOf } from '../../../shared/contract/http/problems.ts';
import type { Route } from '../../../shared/contract/http/route.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { AwsClients, type Fault, FaultInjector } from '../../harness/fault-injector.ts';

let clients: AwsClients;
beforeEach(() => {
  // The SDK waits a random part of a bound before it tries again; here that part is nothing.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'made-up');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'made-up');
  clients = new AwsClients(openTable('table'), openSecrets({ prefix: '', kmsKeyId: undefined }));
});
afterEach(() => {
  clients.destroy();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const credentials = new Credentials({ token: 'made-up' });

const CALLS: Readonly<Record<string, () => Promise<unknown>>> = {
  'a connection is read': () => connectionReader(clients.table).findConnection('demo', 'con_1'),
  'a membership is read': () => memberReader(clients.table).roleOf('demo', 'ada'),
  'a secret is read': () => secretReader(clients.secrets).readSecret('con_1', 'version'),
  'a secret is made': () => secretWriter(clients.secrets).createSecret('con_1', 'version', credentials),
};

const befalling = (kind: Fault['kind']) => new FaultInjector({ faults: [{ at: 0, kind, lasting: true }] });

describe('where AWS takes no more calls', () => {
  test.each(Object.keys(CALLS))('%s: the caller is told to come again', async (name) => {
    const wire = befalling('throttled');
    clients.sendThrough(wire);
    await expect(CALLS[name]?.()).rejects.toMatchObject({
      problem: { code: 'busy', retryAfterSeconds: 1 },
    });
    expect(wire.calls).toHaveLength(1);
  });

  test.each(Object.keys(CALLS))('%s: another fault stays one of ours', async (name) => {
    clients.sendThrough(befalling('server_error'));
    await expect(CALLS[name]?.()).rejects.not.toHaveProperty('problem');
  });
});

test('every route that reaches AWS may be told so, and no other', () => {
  const declared = Object.values<Route>(routes);
  const telling = declared.filter((route) => codesOf(route).includes('busy'));
  const catalogue = declared.filter((route) => route.path.startsWith('/v1/providers'));
  expect(new Set(declared).difference(new Set(telling))).toEqual(new Set(catalogue));
});
