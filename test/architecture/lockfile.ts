import * as z from 'zod/mini';

const dependencies = z.optional(z.record(z.string(), z.string()));

const lockfile = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: dependencies })),
});

/**
 * The optional packages that a lockfile names without listing them. npm leaves out what its registry lacks,
 * such as the builds for other platforms, and `npm ci` then refuses the lockfile on every platform.
 */
export function unlisted(text: string): readonly string[] {
  const { packages } = lockfile.parse(JSON.parse(text));
  const listed = Object.keys(packages);
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !listed.some((one) => one.endsWith(`node_modules/${name}`)))
      .map((name) => `${path} names ${name}`),
  );
}
