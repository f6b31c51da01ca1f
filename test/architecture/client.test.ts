import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { it } from 'vitest';
import { ROOT } from './project.ts';

it('the client has the types that npm run client generates from openapi.json', {
  timeout: 60_000,
}, async () => {
  // Fails, with a message of its own, where the file differs from what it would write.
  await promisify(execFile)('npm', ['run', '--silent', 'client', '--', '--check'], { cwd: ROOT });
});
