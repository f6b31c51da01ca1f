import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { BUDGET_BYTES, overBudget, sizeTable } from '../../infra/bundle/budget.ts';
import { bundle } from '../../infra/bundle/build.ts';
import { FUNCTIONS, findEntries } from '../../infra/bundle/entries.ts';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { routes } from '../../shared/contract/http/index.ts';

const run = promisify(execFile);

const scratch = await mkdtemp(join(tmpdir(), 'bundle-'));
afterAll(() => rm(scratch, { recursive: true }));

const entries = await findEntries(FUNCTIONS);
const bundles = await bundle({ functions: FUNCTIONS, entries, out: join(scratch, 'functions') });

/** Runs a script on Node as Lambda starts it, with no more than the given environment. */
async function inLambda(script: string, env: Record<string, string>): Promise<string> {
  const args = ['--enable-source-maps', '--input-type=module', '--eval', script];
  const { stdout } = await run(process.execPath, args, { env });
  return stdout.trim();
}

describe('bundles', () => {
  test('are made of every function that is declared', () => {
    const background = [schedules, streamWorkers, queueWorkers, eventHandlers];
    const declared = [
      ...Object.values(routes).map(({ entry }) => `http/${entry}`),
      ...background.flatMap((kind) => Object.values(kind).map(({ entry }) => entry)),
    ];
    expect(entries).toEqual(declared.toSorted());
  });

  test('weigh no more than the budget', () => {
    expect(overBudget(bundles), sizeTable(bundles)).toEqual([]);
  });

  test('bring their source map', async () => {
    for (const { folder } of bundles) expect(await readdir(folder)).toEqual(['index.mjs', 'index.mjs.map']);
  });

  test('start with nothing of the project around them', async () => {
    const files = bundles.map(({ folder }) => join(folder, 'index.mjs'));
    const script = `
      for (const file of ${JSON.stringify(files)}) {
        const { handler } = await import(file);
        if (typeof handler !== 'function') console.log(file);
      }`;
    expect(await inLambda(script, {})).toBe('');
  });
});

test('a call of AWS takes the credentials that Lambda puts in the environment, and says where they lack', async () => {
  const functions = join(import.meta.dirname, '../fixtures/bundle');
  const out = join(scratch, 'fixtures');
  await bundle({ functions, entries: ['calls-aws'], out });
  const file = JSON.stringify(join(out, 'calls-aws/index.mjs'));
  const script = `const { handler } = await import(${file}); console.log(await handler());`;
  // Nothing listens on the port: to be refused, a call has to be signed and sent.
  const env = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
  expect(await inLambda(script, env)).toContain('on Lambda, credentials come from the environment');
  const credentials = { AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up' };
  expect(await inLambda(script, { ...env, ...credentials })).toContain('ECONNREFUSED');
});

test('a function above the budget is told', () => {
  const light = { entry: 'http/a/light', folder: '', bytes: BUDGET_BYTES };
  const heavy = { entry: 'http/a/heavy', folder: '', bytes: BUDGET_BYTES + 1 };
  expect(overBudget([light, heavy])).toEqual([heavy]);
  expect(sizeTable([light, heavy])).toBe('http/a/heavy  400.0 KB  100 %\nhttp/a/light  400.0 KB  100 %');
});
