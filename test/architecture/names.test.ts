import { homedir } from 'node:os';
import { sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { projectFiles, ROOT, textOf } from './project.ts';

/** Words that name no content; AWS Secrets Manager is called so. */
const EMPTY = /(^|\/|[-.])(?<!secrets-)(utils?|helpers?|common|misc|managers?)(?=$|[/.-])/i;
/** A person's folder, on any machine. */
const HOME = /(?<![\w.:/-])\/(?:(?:home|Users)\/\w[\w.-]*|root\/)|[A-Z]:\\Users\\/;
const TEXT = /\.(ts|tsx|js|json|jsonc|md|ya?ml|html|css|svg|grit)$|^\.ci\//;

/** Returns the first path of a machine in a text: a person's folder, or one of the given folders. */
function machinePath(text: string, folders: readonly string[]): string | undefined {
  return folders.find((folder) => text.includes(folder)) ?? HOME.exec(text)?.[0];
}

/** Returns the npm scripts that a text names. */
function scriptsIn(text: string): readonly string[] {
  const names = [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    ([, run, short]) => run ?? short,
  );
  return [...new Set(names)].filter((name) => name !== undefined).sort();
}

describe('the project', async () => {
  const files = await projectFiles();

  it('has no file or folder with an empty name', () => {
    expect(files.filter((file) => EMPTY.test(file))).toEqual([]);
  });

  it('names no path of the machine that it was written on', async () => {
    // A short folder occurs in texts by chance.
    const here = [ROOT, homedir()].filter((folder) => folder.length > 5).map((folder) => `${folder}${sep}`);
    const texts = files.filter((file) => TEXT.test(file) && file !== 'test/architecture/names.test.ts');
    const found = await Promise.all(
      texts.map(async (file) => ({ file, path: machinePath(await textOf(file), here) })),
    );
    expect(found.filter(({ path }) => path !== undefined)).toEqual([]);
  });

  it('has every npm script that its documents name', async () => {
    const documents = files.filter((file) => file.endsWith('.md') || file.startsWith('.ci/'));
    const named = scriptsIn((await Promise.all(documents.map(textOf))).join('\n'));
    expect(named).toContain('test');
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining([...named]));
  });
});

describe('the rules', () => {
  it.each(['shared/utils/a.ts', 'shared/domain/util.ts', 'infra/stack-helper.ts', 'a/common/b.ts'])(
    'find %s',
    (file) => {
      expect(file).toMatch(EMPTY);
    },
  );

  it.each(['shared/domain/commonality.ts', 'local/secrets-manager/a.ts'])('accept %s', (file) => {
    expect(file).not.toMatch(EMPTY);
  });

  it('find the path of a machine', () => {
    expect(machinePath('see /home/ada/notes', [])).toBe('/home/ada');
    expect(machinePath('see /srv/checkout/a', ['/srv/checkout/'])).toBe('/srv/checkout/');
    expect(machinePath('https://example.com/home/ada, ./home/ada', [])).toBeUndefined();
  });

  it('find the scripts that a text names', () => {
    expect(scriptsIn('`npm ci && npm start`, then npm run seed -- --project big')).toEqual(['seed', 'start']);
  });
});
