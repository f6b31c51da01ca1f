import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the bench of a large stage runs with few connections, and finds all claims true', {
  timeout: 180_000,
}, async () => {
  const args = ['test/bench/main.ts', 'scale', '--connections', '1000'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const verdicts = stdout.split('\n').filter((line) => /^(PASS|FAIL) {2}scale: /.test(line));
  expect(verdicts.length).toBeGreaterThanOrEqual(8);
  expect(verdicts.filter((line) => line.startsWith('FAIL'))).toEqual([]);
});
