import { homedir } from 'node:os';
import { sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { emptyNames, machinePath, scriptsNamed } from './names.ts';
import { projectFiles, ROOT, textOf } from './project.ts';

const files = await projectFiles();
const READABLE = /\.(ts|tsx|js|json|md|ya?ml|html|css|svg)$|^\.ci\//;

/** Where this run happens; short ones are found in texts by chance. */
const here = [ROOT, homedir()].filter((folder) => folder.length > 5).map((folder) => `${folder}${sep}`);

describe('the project', () => {
  it('has no file and no folder whose name says nothing', () => {
    expect(emptyNames(files)).toEqual([]);
  });

  it('names no path of the machine that it was written on', async () => {
    const texts = await Promise.all(
      files
        .filter((file) => READABLE.test(file) && !file.startsWith('test/architecture/names'))
        .map(async (file) => ({ file, path: machinePath(await textOf(file), here) })),
    );
    expect(texts.filter(({ path }) => path !== undefined)).toEqual([]);
  });

  it('has every npm script that its documents name', async () => {
    const documents = files.filter((file) => file.endsWith('.md') || file.startsWith('.ci/'));
    const named = scriptsNamed((await Promise.all(documents.map(textOf))).join('\n'));
    expect(named.filter((name) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
  });
});

describe('the rules', () => {
  it.each([
    'shared/utils/a.ts',
    'shared/domain/util.ts',
    'test/helpers.ts',
    'infra/stack-helper.ts',
    'a/common/b.ts',
  ])('find %s', (file) => {
    expect(emptyNames([file])).toEqual([file]);
  });

  it.each([
    'shared/domain/commonality.ts',
    'shared/adapters/aws/secrets-manager/writer.ts',
    'local/secrets-manager/a.ts',
  ])('let %s be', (file) => {
    expect(emptyNames([file])).toEqual([]);
  });

  it('find the path of a machine', () => {
    expect(machinePath('see /home/ada/notes', [])).toBe('/home/ada');
    expect(machinePath('see /srv/checkout/a', ['/srv/checkout/'])).toBe('/srv/checkout/');
    expect(machinePath('https://example.com/home/ada, ./home/ada', [])).toBeUndefined();
  });

  it('find the scripts that a text names', () => {
    expect(scriptsNamed('`npm ci && npm start`, then npm run seed -- --project big')).toEqual([
      'seed',
      'start',
    ]);
  });
});
