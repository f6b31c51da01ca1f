import { describe, expect, it } from 'vitest';
import { findCycle, orphans, unusedExports } from './graph.ts';
import { projectSources } from './project.ts';
import { trespasses } from './rooms.ts';
import { readSource } from './source.ts';
import { intrusions } from './surroundings.ts';

const sources = await projectSources();
const kept = /^(shared|functions)\//;
/** Where running begins: what AWS invokes, what deploys, what a person starts. */
const begins = (path: string) =>
  /^functions\/(http|schedules|streams|queues|events)\/|^(infra|local)\//.test(path);

describe('the project', () => {
  it('imports from room to room as the table says', () => {
    expect(trespasses(sources.flatMap(({ imports }) => imports))).toEqual([]);
  });

  it('touches what lies outside in the places that are for it', () => {
    expect(intrusions(sources)).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(findCycle(sources)).toBeUndefined();
  });

  it('has no file in shared/ or functions/ that nothing leads to', () => {
    expect(orphans(sources, begins).filter((path) => kept.test(path))).toEqual([]);
  });

  it('exports no value from shared/ or functions/ that no other file imports', () => {
    const unused = unusedExports(sources).filter((name) => kept.test(name));
    expect(
      unused.filter((name) => !/^functions\/(http|schedules|streams|queues|events)\//.test(name)),
    ).toEqual([]);
  });

  it('imports only files that are there', () => {
    const there = new Set(sources.map(({ path }) => path));
    const missing = sources
      .flatMap(({ imports }) => imports)
      .filter(({ to, isPackage }) => !isPackage && to.endsWith('.ts') && !there.has(to));
    expect(missing.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe('the table of rooms', () => {
  const trespass = (from: string, text: string) => trespasses(readSource(from, text).imports);

  it.each([
    ['shared/domain/a.ts', `import { x } from '../adapters/aws/b.ts';`],
    ['shared/domain/a.ts', `import type { X } from '../runtime/b.ts';`],
    ['shared/domain/a.ts', `import { schema } from '../catalog/schema.ts';`],
    ['shared/domain/a.ts', `export { schema } from '../catalog/schema.ts';`],
    ['shared/adapters/aws/table/a.ts', `export * from '../domain/b.ts';`],
    ['shared/catalog/schema.ts', `import type { X } from '../domain/b.ts';`],
    ['shared/contract/a.ts', `import { catalog } from '../catalog/index.ts';`],
    ['shared/contract/a.ts', `type X = import('../adapters/b.ts').X;`],
    ['shared/runtime/a.ts', `import { x } from '../store/b.ts';`],
    ['shared/adapters/aws/a.ts', `import type { X } from '../../routes/b.ts';`],
    ['functions/http/a/b.ts', `import { x } from '../../../shared/adapters/aws/c.ts';`],
    ['infra/a.ts', `import { handler } from '../functions/http/a/b.ts';`],
    ['infra/a.ts', `const x = await import('../local/b.ts');`],
    ['local/a.ts', `import { x } from '../infra/b.ts';`],
    ['shared/contract/a.ts', `import { x } from '../../test/b.ts';`],
  ])('refuses %s: %s', (from, text) => {
    expect(trespass(from, text)).toHaveLength(1);
  });

  it.each([
    ['shared/domain/a.ts', `import type { Provider } from '../catalog/schema.ts';`],
    ['shared/contract/a.ts', `import { bound } from '../domain/b.ts';`],
    ['functions/wiring.ts', `import { x } from '../shared/adapters/aws/c.ts';`],
    ['functions/http/a/b.ts', `import { x } from '../../wiring.ts';`],
  ])('lets pass %s: %s', (from, text) => {
    expect(trespass(from, text)).toEqual([]);
  });
});

describe('what lies outside', () => {
  const intrusion = (path: string, text: string) => intrusions([readSource(path, text)]);

  it.each([
    ['shared/runtime/a.ts', `import { GetCommand } from '@aws-sdk/lib-dynamodb';`],
    ['shared/adapters/providers/a.ts', `import { GetCommand } from '@aws-sdk/lib-dynamodb';`],
    ['functions/http/a/b.ts', `import { request } from 'node:https';`],
    ['shared/adapters/aws/a.ts', `import { resolve } from 'node:dns/promises';`],
    ['shared/runtime/a.ts', `await fetch('https://example.com');`],
    ['shared/runtime/a.ts', `const ports = { fetch };`],
    ['shared/runtime/a.ts', `globalThis.fetch('https://example.com');`],
    ['functions/wiring.ts', `const { TABLE_NAME } = process.env;`],
    ['functions/wiring.ts', `import { env } from 'node:process';`],
    ['shared/runtime/a.ts', `import { readFile } from 'node:fs/promises';`],
    ['shared/domain/a.ts', `import * as z from 'zod/mini';`],
    ['shared/domain/a.ts', `import { randomBytes } from 'node:crypto';`],
    ['shared/domain/a.ts', `const now = new Date();`],
    ['shared/domain/a.ts', `const now = Date.now();`],
    ['shared/domain/a.ts', `const luck = Math.random();`],
  ])('is kept from %s: %s', (path, text) => {
    expect(intrusion(path, text)).toHaveLength(1);
  });

  it.each([
    ['shared/adapters/aws/a.ts', `import { GetCommand } from '@aws-sdk/lib-dynamodb';`],
    ['shared/adapters/providers/a.ts', `import { request } from 'node:https';`],
    ['shared/runtime/environment.ts', `export const table = process.env.TABLE_NAME;`],
    ['shared/domain/a.ts', `import { createHash } from 'node:crypto'; const then = new Date(0);`],
  ])('is open to %s: %s', (path, text) => {
    expect(intrusion(path, text)).toEqual([]);
  });
});

describe('the graph', () => {
  const a = readSource('shared/a.ts', `import { b } from './b.ts'; export const a = b;`);
  const b = readSource('shared/b.ts', `export const b = 1, idle = 2; export type B = 1;`);
  const back = readSource('shared/b.ts', `import type { a } from './a.ts'; export const b = 1;`);

  it('finds a cycle, and none where there is none', () => {
    expect(findCycle([a, back])).toEqual(['shared/a.ts', 'shared/b.ts', 'shared/a.ts']);
    expect(findCycle([a, b])).toBeUndefined();
  });

  it('finds a file that nothing leads to', () => {
    const lost = readSource('shared/lost.ts', `import { b } from './b.ts';`);
    expect(orphans([a, b, lost], (path) => path === 'shared/a.ts')).toEqual(['shared/lost.ts']);
  });

  it('finds a value that is exported for nobody', () => {
    expect(unusedExports([a, b])).toEqual(['shared/a.ts: a', 'shared/b.ts: idle']);
    const all = readSource('shared/c.ts', `import * as everything from './b.ts';`);
    expect(unusedExports([b, all])).toEqual([]);
  });
});
