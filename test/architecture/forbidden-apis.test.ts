import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from './project.ts';

const BIOME = join(ROOT, 'node_modules/.bin/biome');

/** Texts that `biome ci` must refuse at their path. */
const FORBIDDEN = [
  ['shared/runtime/a1.ts', `export const response = await fetch('https://example.com');`],
  ['shared/runtime/a2.ts', `export const ports = { fetch };`],
  ['shared/adapters/aws/a3.ts', `export const response = await globalThis.fetch('https://example.com');`],
  ['functions/wiring/a4.ts', `export const { TABLE_NAME } = process.env;`],
  ['functions/wiring/a5.ts', `export const { env } = process;`],
  ['shared/domain/a6.ts', `export const now = new Date();`],
  ['shared/domain/checks/a7.ts', `export const now = Date.now();`],
  ['shared/domain/a8.ts', `export const clock = { now: Date.now };`],
  ['shared/contract/a9.ts', `export const random = Math.random();`],
  ['shared/messages/a10.ts', `export const id = crypto.randomUUID();`],
  ['shared/domain/a11.ts', `import { randomBytes } from 'node:crypto';\nexport const id = randomBytes(8);`],
] as const;

const ALLOWED = [
  ['shared/runtime/environment.ts', `export const table = process.env.TABLE_NAME;`],
  ['shared/runtime/b1.ts', `export const now = new Date();`],
  ['shared/domain/b2.ts', `export const epoch = new Date(0);`],
  [
    'shared/domain/b3.ts',
    `import { createHash } from 'node:crypto';\nexport const hash = createHash('sha256');`,
  ],
  ['local/b4.ts', `export const response = await fetch(String(process.env.URL));`],
] as const;

describe('the lint rules on globals', () => {
  let folder: string;
  let refused: readonly string[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forbidden-apis-'));
    for (const file of ['biome.json', 'package.json', 'test/architecture/clock-and-randomness.grit'])
      await cp(join(ROOT, file), join(folder, file));
    for (const [file, text] of [...FORBIDDEN, ...ALLOWED]) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), text);
    }
    const args = ['lint', '--vcs-enabled=false', '--colors=off', '--reporter=github', '.'];
    const { stdout } = spawnSync(BIOME, args, { cwd: folder, encoding: 'utf8' });
    refused = [...stdout.matchAll(/^::error .*?,file=(.*?),line=/gm)].map(([, file = '']) => file);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(FORBIDDEN)('refuse in %s: %s', (file) => {
    expect(refused).toContainEqual(expect.stringMatching(`${file}$`));
  });

  it.each(ALLOWED)('accept in %s: %s', (file) => {
    expect(refused).not.toContainEqual(expect.stringMatching(`${file}$`));
  });
});
