import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cruiseProject } from './layers.ts';
import { projectFiles, ROOT } from './project.ts';

describe('the project', () => {
  let cruised: Awaited<ReturnType<typeof cruiseProject>>;
  beforeAll(async () => {
    cruised = await cruiseProject(ROOT);
  });

  it('is cruised in full', async () => {
    const files = await projectFiles();
    const sources = files.filter((file) => /^(shared|functions|infra|local|tools|web)\/.*\.ts$/.test(file));
    expect(sources.length).toBeGreaterThan(200);
    expect(cruised.modules).toEqual(expect.arrayContaining(sources));
  });

  it('imports nothing that a rule forbids', () => {
    expect(cruised.violations).toEqual([]);
  });
});

describe('the rules', () => {
  let folder: string;
  let projects = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'layers-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Returns the violations of a project of the given files. */
  async function violationsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
    projects += 1;
    const root = join(folder, `${projects}`);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
    return (await cruiseProject(root)).violations;
  }

  /** Returns the violations of an import of a project's file, or of a package, that both exist. */
  async function violationsOfImport(from: string, to: string): Promise<readonly string[]> {
    const isFile = to.endsWith('.ts');
    const specifier = isFile ? relative(dirname(from), to).replace(/^(?!\.)/, './') : to;
    const files = { [from]: `import '${specifier}';`, ...(isFile && { [to]: '' }) };
    const violations = await violationsOf(files);
    return violations.filter((violation) => !violation.startsWith('an entry reaches every file'));
  }

  it.each([
    ['shared/domain/terms.ts', 'shared/domain/errors.ts'],
    ['shared/domain/terms.ts', 'shared/messages/event.ts'],
    ['shared/domain/terms.ts', 'node:util'],
    ['shared/domain/errors.ts', 'shared/domain/model/flow.ts'],
    ['shared/domain/flows/a.ts', 'shared/adapters/aws/b.ts'],
    ['shared/domain/flows/a.ts', 'shared/runtime/b.ts'],
    ['shared/domain/flows/a.ts', 'shared/catalog/index.ts'],
    ['shared/domain/flows/a.ts', 'zod'],
    ['shared/domain/flows/a.ts', 'node:timers/promises'],
    ['shared/catalog/schema.ts', 'shared/domain/errors.ts'],
    ['shared/messages/event.ts', 'shared/domain/model/flow.ts'],
    ['shared/adapters/aws/table/items.ts', 'shared/domain/model/flow.ts'],
    ['shared/contract/a.ts', 'shared/catalog/index.ts'],
    ['shared/contract/a.ts', 'shared/adapters/aws/b.ts'],
    ['shared/contract/a.ts', 'test/harness/b.ts'],
    ['shared/adapters/aws/a.ts', 'shared/runtime/b.ts'],
    ['shared/adapters/aws/a.ts', 'node:dns/promises'],
    ['shared/adapters/providers/a.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/adapters/providers/a.ts', 'node:fs'],
    ['shared/runtime/a.ts', 'shared/adapters/aws/b.ts'],
    ['shared/runtime/a.ts', 'node:fs/promises'],
    ['shared/runtime/a.ts', 'node:process'],
    ['functions/http/a.ts', 'infra/b.ts'],
    ['functions/http/a.ts', 'node:https'],
    ['infra/a.ts', 'functions/http/b.ts'],
    ['infra/a.ts', 'local/b.ts'],
    ['local/a.ts', 'infra/b.ts'],
    ['local/a.ts', 'shared/adapters/aws/b.ts'],
    ['local/a.ts', 'tools/b.ts'],
    ['tools/a.ts', 'shared/adapters/aws/b.ts'],
    ['web/a.ts', 'shared/contract/b.ts'],
    ['web/elements/a.ts', 'local/b.ts'],
    ['web/console/a.ts', 'functions/http/b.ts'],
  ])('forbid %s to import %s', async (from, to) => {
    expect(await violationsOfImport(from, to)).not.toEqual([]);
  });

  it.each([
    ['shared/domain/flows/a.ts', 'shared/domain/terms.ts'],
    ['shared/domain/flows/a.ts', 'shared/domain/model/flow.ts'],
    ['shared/domain/flows/a.ts', 'shared/catalog/schema.ts'],
    ['shared/domain/flows/a.ts', 'node:crypto'],
    ['shared/messages/event.ts', 'shared/domain/terms.ts'],
    ['shared/adapters/aws/table/items.ts', 'shared/domain/terms.ts'],
    ['shared/adapters/aws/a.ts', '@aws-sdk/lib-dynamodb'],
    ['shared/adapters/providers/a.ts', 'node:https'],
    ['shared/adapters/catalog/a.ts', 'node:fs/promises'],
    ['functions/http/a.ts', 'shared/adapters/aws/b.ts'],
    ['infra/a.ts', 'shared/adapters/aws/table/definition.ts'],
    ['tools/seed/a.ts', 'shared/adapters/aws/b.ts'],
  ])('allow %s to import %s', async (from, to) => {
    expect(await violationsOfImport(from, to)).toEqual([]);
  });

  it.each([
    `import type { X } from '../functions/b.ts';`,
    `export * from '../functions/b.ts';`,
    `export type { X } from '../functions/b.ts';`,
    `const load = async () => await import('../functions/b.ts');`,
  ])('recognize %s', async (text) => {
    const violations = await violationsOf({ 'infra/a.ts': text, 'functions/b.ts': '' });
    expect(violations).toContainEqual(expect.stringContaining('infra/a.ts -> functions/b.ts'));
  });

  it('forbid a cycle of modules', async () => {
    const violations = await violationsOf({
      'infra/a.ts': `import './b.ts';`,
      'infra/b.ts': `import type { A } from './a.ts';`,
    });
    expect(violations).toContain('no import cycle: infra/a.ts -> infra/b.ts');
  });

  it('forbid a cycle of folders in domain/ whose modules form none', async () => {
    const violations = await violationsOf({
      'shared/domain/flows/a.ts': `import '../checks/a.ts';`,
      'shared/domain/checks/a.ts': '',
      'shared/domain/checks/b.ts': `import '../flows/b.ts';`,
      'shared/domain/flows/b.ts': '',
    });
    expect(violations).toContain(
      'no cycle of folders in domain/: shared/domain/flows -> shared/domain/checks',
    );
    expect(violations).not.toContainEqual(expect.stringContaining('no import cycle'));
  });

  it('forbid a file of the backend that no entry reaches', async () => {
    const files = {
      'functions/http/a.ts': `import '../../shared/domain/b.ts';`,
      'shared/domain/b.ts': '',
      'shared/domain/c.ts': `import './b.ts';`,
    };
    expect(await violationsOf(files)).toEqual([
      'an entry reaches every file: shared/domain/c.ts -> shared/domain/c.ts',
    ]);
  });
});
