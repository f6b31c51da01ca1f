import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod/mini';

/**
 * Reads the records of a file; none where it does not exist yet.
 *
 * @throws Error when the file holds anything else.
 */
export function readDataFile<T>(file: string, schema: z.ZodMiniType<T>): T[] {
  try {
    return z.array(schema).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Error(`${file} holds no data of the sandbox`, { cause: error });
  }
}

/** Replaces the records of a file. Renames, which is atomic: a killed process leaves the old file or the new one. */
export function writeDataFile(file: string, records: Iterable<unknown>): void {
  const next = `${file}.next`;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(next, JSON.stringify([...records]), { mode: 0o600 });
  renameSync(next, file);
}
