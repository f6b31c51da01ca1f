import { appendFileSync } from 'node:fs';

/** The variable that names the file of a test's blocks; the processes that the test starts inherit it. */
export const EXECUTED_BLOCKS = 'EXECUTED_BLOCKS';

const known = new Set<string>();

/** Appends a block to the file of the running test, the first time that this process executes it. */
export function executed(block: string): void {
  if (known.has(block)) return;
  const file = process.env[EXECUTED_BLOCKS];
  if (file === undefined) return;
  known.add(block);
  appendFileSync(file, `${block}\n`);
}
