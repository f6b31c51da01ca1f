import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod/mini';

/** Lines beyond the kept records after which the file is written anew. */
const SURPLUS_LINES = 10_000;

/**
 * File of records, a line of JSON for each change: the last line of an id is its record. A change is appended, so that it
 * costs the same however many records there are. The line that a killed process left unfinished is not read.
 */
export class DataFile<T extends { readonly id: string }> {
  readonly #file: string | undefined;
  #lines = 0;

  /** @param file created at the first change; undefined keeps the records in memory alone. */
  constructor(file: string | undefined) {
    this.#file = file;
  }

  /**
   * Reads the records, in the order of their last changes.
   *
   * @throws Error when the file holds anything else.
   */
  read(schema: z.ZodMiniType<T>): readonly T[] {
    const text = this.#text();
    const lines = text.split('\n').slice(0, -1);
    const records = new Map<string, T>();
    try {
      for (const line of lines) {
        const record = schema.parse(JSON.parse(line));
        records.delete(record.id);
        records.set(record.id, record);
      }
    } catch (error) {
      throw new Error(`${this.#file} holds no data of the sandbox`, { cause: error });
    }
    // What follows an unfinished line would belong to it: the next change replaces the file.
    this.#lines = text === '' || text.endsWith('\n') ? lines.length : Number.POSITIVE_INFINITY;
    return [...records.values()];
  }

  /** Appends changed records; `all` replaces the file where it has grown far beyond them. */
  append(changed: readonly T[], all: ReadonlyMap<string, T>): void {
    const file = this.#file;
    if (file === undefined) return;
    if (this.#lines + changed.length > 2 * all.size + SURPLUS_LINES) {
      this.#replace(file, [...all.values()]);
      return;
    }
    if (this.#lines === 0) createFile(file);
    appendFileSync(file, toLines(changed));
    this.#lines += changed.length;
  }

  #text(): string {
    if (this.#file === undefined) return '';
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw error;
    }
  }

  /** Renames, which is atomic: a killed process leaves the old file or the new one. */
  #replace(file: string, records: readonly T[]): void {
    const next = `${file}.next`;
    writeFileSync(next, toLines(records), { mode: 0o600 });
    renameSync(next, file);
    this.#lines = records.length;
  }
}

function createFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
}

function toLines(records: readonly unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}
