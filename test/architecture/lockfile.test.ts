import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { textOf } from './project.ts';

const lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({ optionalDependencies: z.optional(z.record(z.string(), z.string())) }),
  ),
});

/**
 * Returns the optional packages that a lockfile names without an entry of their own. npm omits what its
 * registry lacks, such as builds for other platforms, and `npm ci` then refuses the lockfile everywhere.
 */
function missingPackages(text: string): readonly string[] {
  const { packages } = lockfile.parse(JSON.parse(text));
  const paths = Object.keys(packages);
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !paths.some((other) => other.endsWith(`node_modules/${name}`)))
      .map((name) => `${path} names ${name}`),
  );
}

it('the lockfile has an entry for every optional package', async () => {
  expect(missingPackages(await textOf('package-lock.json'))).toEqual([]);
});

it('a build for another platform without an entry is found', () => {
  const tool = { optionalDependencies: { '@tool/linux': '1.0.0', '@tool/darwin': '1.0.0' } };
  const packages = { 'node_modules/tool': tool, 'node_modules/@tool/linux': {} };
  expect(missingPackages(JSON.stringify({ packages }))).toEqual(['node_modules/tool names @tool/darwin']);
});
