import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../seed/random.ts';
import { type Mutation, mutationsOf } from './mutations.ts';

/** A mutation with the file that it changes, relative to the project. */
export interface Mutant extends Mutation {
  readonly file: string;
}

/** Lists the mutations of all files. */
export function allMutants(root: string, files: readonly string[]): Mutant[] {
  return files.flatMap((file) =>
    mutationsOf(file, readFileSync(join(root, file), 'utf8')).map((mutation) => ({ file, ...mutation })),
  );
}

/** Draws mutants without replacement; the same number gives the same ones while the files stay. */
export function drawSample(mutants: readonly Mutant[], count: number, seed: number): readonly Mutant[] {
  const left = [...mutants];
  const random = seededRandom(String(seed));
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(random.below(left.length), 1),
  ).flat();
}

/** Describes a mutant in a line: where it is, and what becomes of what. */
export function describe(root: string, { file, start, end, replacement }: Mutant): string {
  const text = readFileSync(join(root, file), 'utf8');
  const line = text.slice(0, start).split('\n').length;
  const before = text.slice(start, end).replace(/\s+/g, ' ');
  return `${file}:${line}  ${before}  →  ${replacement === '' ? '(left out)' : replacement}`;
}
