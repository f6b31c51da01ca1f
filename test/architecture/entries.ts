import type { Source } from './source.ts';

/** A function that is declared: the file that must hold it, and how that file refers to its declaration. */
export interface Declared {
  readonly file: string;
  /** `renameConnection`, or `schedules.sweepOrphans`. */
  readonly name: string;
}

/** Where functions and their declarations do not match one to one, in words. */
export function mismatches(declared: readonly Declared[], sources: readonly Source[]): readonly string[] {
  const files = new Map(declared.map(({ file, name }) => [file, name]));
  const twice = declared.filter(({ file, name }) => files.get(file) !== name);
  const found = new Map(sources.map((source) => [source.path, source]));
  return [
    ...twice.map(({ file }) => `${file} answers more than one declaration`),
    ...declared.flatMap(({ file, name }) => faultsOf(file, name, found.get(file))),
    ...[...found.keys()].filter((path) => !files.has(path)).map((path) => `${path} is declared nowhere`),
  ];
}

function faultsOf(file: string, name: string, source: Source | undefined): readonly string[] {
  if (source === undefined) return [`${name} lacks its file ${file}`];
  const [imported = '', member] = name.split('.');
  const declarations = source.imports.filter(({ to }) => to.startsWith('shared/contract/'));
  const bound =
    declarations.some(({ names }) => names.includes(imported)) &&
    (member === undefined || source.members.has(name));
  return [
    ...(bound ? [] : [`${file} does not use its declaration ${name}`]),
    ...(source.exports.includes('handler') ? [] : [`${file} exports no handler`]),
  ];
}
