import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Project } from '../../harness/backend.ts';
import { expectStatus } from '../../harness/response.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Runs `npm run seed -- …`, without npm. */
export function seed(dataDir: string, ...args: readonly string[]) {
  const command = ['--disable-warning=ExperimentalWarning', 'local/seed/main.ts', ...args];
  const env = { ...process.env, DATA_DIR: dataDir };
  return promisify(execFile)(process.execPath, command, { cwd: ROOT, env });
}

/** What a check by a person says of a connection of each status. */
export async function outcomes(project: Project): Promise<readonly unknown[]> {
  const check = async (status: 'active' | 'inactive') => {
    const [connection] = (await project.list({ status, limit: '1' })).items;
    const answer = await project.request('POST', `/connections/${connection?.id}/check`);
    expectStatus(200, answer);
    return answer.json;
  };
  return [await check('active'), await check('inactive')];
}
/** What providers say of seeded connections. */
export const AS_SEEDED = [
  { check: { outcome: 'ok' }, connection: { status: 'active' } },
  { check: { outcome: 'rejected' }, connection: { status: 'inactive' } },
];
