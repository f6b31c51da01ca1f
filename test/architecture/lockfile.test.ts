import { expect, it } from 'vitest';
import { unlisted } from './lockfile.ts';
import { textOf } from './project.ts';

it('the lockfile lists every optional package, so that npm ci takes it', async () => {
  expect(unlisted(await textOf('package-lock.json'))).toEqual([]);
});

it('the rule finds a build for another platform that was left out', () => {
  const tool = { optionalDependencies: { '@tool/linux': '1.0.0', '@tool/darwin': '1.0.0' } };
  const packages = { 'node_modules/tool': tool, 'node_modules/@tool/linux': {} };
  expect(unlisted(JSON.stringify({ packages }))).toEqual(['node_modules/tool names @tool/darwin']);
});
