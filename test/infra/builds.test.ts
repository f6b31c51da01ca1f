import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetCode } from 'aws-cdk-lib/aws-lambda';
import { afterAll, describe, expect, test } from 'vitest';
import { builtParts } from '../../infra/builds.ts';
import { addCatalog, compileCatalog } from '../../infra/bundle/catalog.ts';
import { CAPABILITIES } from '../../infra/bundle/wiring.ts';
import { parseSettings } from '../../infra/settings.ts';
import { openCatalog } from '../../shared/adapters/catalog/files.ts';
import { providerEntry, writeProviders } from '../harness/provider-entry.ts';
import { VALID_SETTINGS } from './valid-settings.ts';

const LIST = 'http/providers/list';
const ENTRIES = [LIST, 'http/members/put'];

const scratch = mkdtempSync(join(tmpdir(), 'builds-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const providersFolder = join(scratch, 'own');
writeProviders(providersFolder, [
  providerEntry(),
  { ...providerEntry(), id: 'trello', name: 'Trello of Acme' },
]);

/** Functions as a build leaves them, with the catalog of the built-in providers. */
const functions = join(scratch, 'functions');
compileCatalog(join(scratch, 'catalog'));
for (const entry of ENTRIES) {
  mkdirSync(join(functions, entry), { recursive: true });
  writeFileSync(join(functions, entry, 'index.mjs'), `// ${entry}`);
  addCatalog(join(scratch, 'catalog'), join(functions, entry), CAPABILITIES.get(entry) ?? []);
}

/** Returns the folder that a stage deploys as a function. */
function folderOf(entry: string, changes: object = {}): string {
  const code = builtParts(parseSettings({ ...VALID_SETTINGS, ...changes }), functions).codeFor(entry);
  return code instanceof AssetCode ? code.path : '';
}

const namesIn = (folder: string) =>
  new Map(
    openCatalog(join(folder, 'catalog'))
      .list()
      .map(({ id, name }) => [id, name]),
  );

describe('the functions of a stage with its own providers', () => {
  test('have them beside the built-in ones, and in place of those of the same id', () => {
    const names = namesIn(folderOf(LIST, { providersFolder }));
    expect([names.get('acme'), names.get('trello')]).toEqual([providerEntry().name, 'Trello of Acme']);
    expect(names.size).toBe(namesIn(folderOf(LIST)).size + 1);
  });

  test('are copies: those of other stages stay as they are built', () => {
    expect(folderOf(LIST)).toBe(join(functions, LIST));
    expect(namesIn(join(functions, LIST)).has('acme')).toBe(false);
    expect(folderOf('http/members/put', { providersFolder })).not.toBe(join(functions, 'http/members/put'));
  });

  test('may have a rate of calls to them', () => {
    const checks = { callsPerSecondOf: { acme: 5 } };
    expect(() => folderOf(LIST, { providersFolder, checks })).not.toThrow();
    expect(() => folderOf(LIST, { checks })).toThrow('checks.callsPerSecondOf: no provider acme');
  });
});

test('a function that is not built is named', () => {
  expect(() => folderOf('http/flows/list')).toThrow(/http\/flows\/list is not built/);
});
