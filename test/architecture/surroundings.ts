import type { Source } from './source.ts';

/** Something of the outside that only some files may touch. */
interface Reserve {
  readonly what: string;
  /** The packages, their members (`node:crypto.randomBytes`) and the ambient names that reach it. */
  readonly reaching: RegExp;
  /** The files that it is kept from. */
  readonly keptFrom: RegExp;
  /** Those among them that may. */
  readonly but?: RegExp;
}

const CODE = /^(shared|functions)\//;

/** Which file may touch what lies outside the project. */
const RESERVES: readonly Reserve[] = [
  {
    what: 'the AWS SDK',
    reaching: /^(@aws-sdk|@smithy)\/[^.]+$/,
    keptFrom: CODE,
    but: /^shared\/adapters\/aws\//,
  },
  {
    what: 'the network',
    reaching: /^(node:(http2?|https|dns|net|tls|dgram)(\/\w+)?|undici|(globalThis\.)?fetch)$/,
    keptFrom: CODE,
    but: /^shared\/adapters\/providers\//,
  },
  {
    what: 'the environment',
    reaching: /^(process\.env|node:process)$/,
    keptFrom: CODE,
    but: /^shared\/runtime\/environment\.ts$/,
  },
  {
    what: 'the file system, processes and threads',
    reaching: /^node:(fs|child_process|cluster|worker_threads|sqlite|module)(\/\w+)?$/,
    keptFrom: CODE,
  },
  {
    what: 'a package, but its rules stand by themselves',
    reaching: /^(?!node:(crypto|util)(\.|$))[\w@:/-]+$/,
    keptFrom: /^shared\/domain\//,
  },
  {
    what: 'time and chance, which come through ports',
    reaching: /^(Date\.now|new Date\(\)|Math\.random|crypto\.randomUUID|node:crypto\.random\w+)$/,
    keptFrom: /^shared\/(domain|routes|store|events|catalog)\//,
  },
];

/** Every file that touches what is kept from it, in words. */
export function intrusions(sources: readonly Source[]): readonly string[] {
  return sources.flatMap(({ path, imports, ambient }) => {
    const packages = imports.filter(({ isPackage }) => isPackage);
    const named = packages.flatMap(({ to, names }) => names.map((name) => `${to}.${name}`));
    const touched = [...packages.map(({ to }) => to), ...named, ...ambient];
    return RESERVES.filter(({ keptFrom, but }) => keptFrom.test(path) && !but?.test(path)).flatMap(
      ({ what, reaching }) =>
        touched.filter((name) => reaching.test(name)).map((name) => `${path} reaches ${what}: ${name}`),
    );
  });
}
