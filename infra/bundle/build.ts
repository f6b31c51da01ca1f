import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { addCatalog, compileCatalog } from './catalog.ts';
import { withoutResponseSchemas } from './response-schemas.ts';
import { unreachedOnLambda } from './unreached-on-lambda.ts';
import { CAPABILITIES, wiringPlugin } from './wiring.ts';

/** A function, ready to be uploaded. */
export interface Bundle {
  /** The entry file below `functions/`, without its ending. */
  readonly entry: string;
  /** The folder with `index.mjs` and its source map. */
  readonly folder: string;
  /** The size of `index.mjs`, minified. */
  readonly bytes: number;
}

export interface BundleOptions {
  /** The folder that the entries lie in. */
  readonly functions: string;
  readonly entries: readonly string[];
  /** The folder to write to, which is emptied first. */
  readonly out: string;
}

/**
 * Dependencies that ship CommonJS alone ask for Node's own modules by `require`, which an ES module lacks.
 */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Bundles every function in one run of esbuild: each file is read and parsed once, whoever imports it.
 *
 * @throws esbuild's BuildFailure, which names the file and the line; CatalogError, with a line for each invalid part of an
 * entry.
 */
export async function bundle({ functions, entries, out }: BundleOptions): Promise<readonly Bundle[]> {
  await rm(out, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: entries.map((entry) => ({
      in: join(functions, `${entry}.ts`),
      out: `${entry}/index`,
    })),
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // ES modules first, even where a package offers Node CommonJS: only those can be shaken.
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    minify: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    plugins: [wiringPlugin(functions), unreachedOnLambda, withoutResponseSchemas],
    metafile: true,
    logLevel: 'warning',
  });
  const compiled = `${out}-catalog`;
  compileCatalog(compiled);
  for (const entry of entries) addCatalog(compiled, join(out, entry), CAPABILITIES.get(entry) ?? []);
  return entries.map((entry) => ({
    entry,
    folder: join(out, entry),
    bytes: bytesOf(metafile, join(out, entry, 'index.mjs')),
  }));
}

function bytesOf({ outputs }: Metafile, file: string): number {
  const output = outputs[relative(process.cwd(), file)];
  if (output === undefined) throw new Error(`esbuild did not write ${file}`);
  return output.bytes;
}
