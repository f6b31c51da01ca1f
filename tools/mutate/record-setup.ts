import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { EXECUTED_BLOCKS } from './executed.ts';

/*
 * Gives each test file a file of the blocks that it executes, itself and in the processes that it starts. Its last line is
 * how long the process ran, in milliseconds.
 */

const { testPath = '' } = expect.getState();
const file = join(process.env.RECORD_FOLDER ?? '', encodeURIComponent(testPath));
process.env[EXECUTED_BLOCKS] = file;
afterAll(() => appendFileSync(file, `${performance.now()}\n`));
