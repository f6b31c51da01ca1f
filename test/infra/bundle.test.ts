import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import * as ports from '../../functions/wiring/ports.ts';
import { BUDGET_BYTES, overBudget, sizeTable } from '../../infra/bundle/budget.ts';
import { bundle } from '../../infra/bundle/build.ts';
import { FUNCTIONS, findEntries } from '../../infra/bundle/entries.ts';
import { CAPABILITIES } from '../../infra/bundle/wiring.ts';
import type { Capability } from '../../shared/contract/capabilities.ts';

const run = promisify(execFile);

const scratch = await mkdtemp(join(tmpdir(), 'bundle-'));
afterAll(() => rm(scratch, { recursive: true }));

const entries = await findEntries(FUNCTIONS);
const bundles = await bundle({ functions: FUNCTIONS, entries, out: join(scratch, 'functions') });

/** A connection's credentials are in a secret or in the table. */
const BOTH_STORES = ['secrets-manager', 'dynamodb'] as const;

/** The client that each capability adds to a bundle: of the SDK, of providers, or none. */
const CLIENTS: Readonly<Record<Capability, string | readonly string[]>> = {
  'catalog:summaries': [],
  'catalog:forms': [],
  'catalog:entries': [],
  'catalog:list': [],
  'catalog:icons': [],
  'table:read': 'dynamodb',
  'table:write': 'dynamodb',
  'roles:read': 'dynamodb',
  'members:write': 'dynamodb',
  'deletions:write': 'dynamodb',
  'projects:remove': 'dynamodb',
  'idempotency:write': 'dynamodb',
  'requests:count': 'dynamodb',
  'authorizations:write': 'dynamodb',
  'oauth:describe': 'secrets-manager',
  'oauth:clients': 'secrets-manager',
  'oauth:discover': 'providers',
  'oauth:call': 'providers',
  'tokens:seal': 'secrets-manager',
  'tokens:verify': [],
  'credentials:read': BOTH_STORES,
  'credentials:write': BOTH_STORES,
  'credentials:promote': BOTH_STORES,
  'credentials:remove': BOTH_STORES,
  'providers:call': 'providers',
  'checks:enqueue': 'sqs',
  'events:publish': 'eventbridge',
  'notices:send': 'sns',
  'notices:collect': 'dynamodb',
};

const sourceMap = z.object({ sources: z.array(z.string()) });

/** Returns the clients in a bundle, by the source files that its source map names. */
async function clientsIn(folder: string): Promise<ReadonlySet<string>> {
  const { sources } = sourceMap.parse(JSON.parse(await readFile(join(folder, 'index.mjs.map'), 'utf8')));
  const clients = sources.map((source) =>
    /@aws-sdk\/client-([a-z-]+)|shared\/adapters\/(providers)\//.exec(source),
  );
  return new Set(clients.flatMap((match) => match?.[1] ?? match?.[2] ?? []));
}

/** Runs a script on Node as Lambda does, with the given environment only. */
async function runOnNode(script: string, env: Record<string, string>): Promise<string> {
  const args = ['--enable-source-maps', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { env });
  return stdout.trim();
}

describe('bundles', () => {
  test('exist for every declared function', () => {
    expect(entries).toEqual([...CAPABILITIES.keys()].toSorted());
  });

  test('are within the budget', () => {
    expect(overBudget(bundles), sizeTable(bundles)).toEqual([]);
  });

  test('have a source map', async () => {
    for (const { folder } of bundles) {
      expect(await readdir(folder)).toEqual(expect.arrayContaining(['index.mjs', 'index.mjs.map']));
    }
  });

  test('grow by no provider: the code holds nothing of the catalog', async () => {
    for (const { folder } of bundles) {
      const { sources } = sourceMap.parse(JSON.parse(await readFile(join(folder, 'index.mjs.map'), 'utf8')));
      expect(
        sources.filter((source) => /shared\/catalog\/(providers\/|compile|validate)/.test(source)),
      ).toEqual([]);
    }
  });

  test('start without the files of the project', async () => {
    const files = bundles.map(({ folder }) => join(folder, 'index.mjs'));
    const script = `
      for (const file of ${JSON.stringify(files)}) {
        const { handler } = await import(file);
        if (typeof handler !== 'function') console.log(file);
      }`;
    expect(await runOnNode(script, {})).toBe('');
  });

  test.each(bundles)('have the clients of their capabilities only: $entry', async ({ entry, folder }) => {
    const expected = CAPABILITIES.get(entry)?.flatMap((capability) => CLIENTS[capability]);
    expect(await clientsIn(folder)).toEqual(new Set(expected));
  });
});

describe('the wiring of a bundle', () => {
  test('exports the ports of every capability under its name in camelCase', () => {
    const names = Object.keys(CLIENTS).map((capability) =>
      capability.replace(/:[a-z]/, (text) => text.slice(1).toUpperCase()),
    );
    expect(Object.keys(ports).toSorted()).toEqual(names.toSorted());
  });

  test('is refused to a file that the contract does not declare', async () => {
    const functions = join(scratch, 'undeclared');
    await mkdir(join(functions, 'http/connections'), { recursive: true });
    const text = `import { wiring } from '../../wiring/index.ts';\nexport const handler = () => wiring;\n`;
    await writeFile(join(functions, 'http/connections/undeclared.ts'), text);
    await expect(
      bundle({ functions, entries: ['http/connections/undeclared'], out: join(scratch, 'out') }),
    ).rejects.toThrow('functions/http/connections/undeclared.ts is not declared in contract/');
  });
});

test('calls of AWS use the credentials in the environment, and fail with a clear error without them', async () => {
  const out = join(scratch, 'calls-aws');
  await bundle({ functions: import.meta.dirname, entries: ['calls-aws'], out });
  const file = JSON.stringify(join(out, 'calls-aws/index.mjs'));
  const script = `const { handler } = await import(${file}); console.log(await handler());`;
  // Nothing listens on the port: the connection is refused after the call was signed and sent.
  const env = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
  expect(await runOnNode(script, env)).toContain(
    'on Lambda, credentials and region come from the environment',
  );
  const credentials = { AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up' };
  expect(await runOnNode(script, { ...env, ...credentials })).toContain('ECONNREFUSED');
});

test('a bundle above the budget is reported', () => {
  const light = { entry: 'http/a/light', folder: '', bytes: BUDGET_BYTES };
  const heavy = { entry: 'http/a/heavy', folder: '', bytes: BUDGET_BYTES + 1 };
  expect(overBudget([light, heavy])).toEqual([heavy]);
  expect(sizeTable([light, heavy])).toBe('http/a/heavy  380.0 KB  100 %\nhttp/a/light  380.0 KB  100 %');
  const list = { entry: 'http/connections/list', folder: '', bytes: 260_001 };
  expect(overBudget([list, { ...list, bytes: 260_000 }])).toEqual([list]);
});
