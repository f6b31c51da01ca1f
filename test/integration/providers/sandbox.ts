import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type Sandbox, startSandbox } from '../../../local/sandbox/server.ts';

const created = z.object({ id: z.string() });
const issuedIds = z.object({ ids: z.array(z.string()) });
const received = z.object({ items: z.array(z.record(z.string(), z.string())) });

/** Starts a sandbox with a data file of its own, and a function for each of its controls. */
export async function openSandbox(providerFolders?: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const dataFile = join(folder, 'credentials.db');
  const sandbox = controlled(await startSandbox({ dataFile, providerFolders }));
  return {
    ...sandbox,
    dataFile,
    async close() {
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

/**
 * Starts a sandbox that keeps no data, for tests that issue hundreds of credentials: with a data file, each is written
 * with all before it.
 */
export async function openSandboxInMemory(providerFolders?: readonly string[]) {
  return controlled(await startSandbox({ providerFolders }));
}

function controlled(sandbox: Sandbox) {
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.url}/_control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    url: sandbox.url,
    call,
    async issue(provider: string, credentials: Readonly<Record<string, string>>, more: object = {}) {
      const response = await call('POST', 'credentials', { provider, credentials, ...more });
      return created.parse(await response.json()).id;
    },
    /** Issues many at once, and returns their ids in order. */
    async issueAll(given: readonly { provider: string; credentials: object; expiresAt?: string }[]) {
      return issuedIds.parse(await (await call('POST', 'credential-lists', given)).json()).ids;
    },
    revoke: (id: string) => call('DELETE', `credentials/${id}`),
    fault: (provider: string, mode: string) => call('PUT', `faults/${provider}`, { mode }),
    /** Sets the fault of every provider. */
    faultOfAll: (mode: string) => call('PUT', 'faults', { mode }),
    async requests(provider: string) {
      return received.parse(await (await call('GET', `requests?provider=${provider}`)).json()).items;
    },
    close: () => sandbox.close(),
  };
}
