import { describe, expect, it } from 'vitest';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { type Declared, mismatches } from './entries.ts';
import { projectSources } from './project.ts';
import { readSource } from './source.ts';

const background = { schedules, queueWorkers, streamWorkers, eventHandlers };

const declared: readonly Declared[] = [
  ...Object.entries(routes).map(([name, { entry }]) => ({ name, file: `functions/http/${entry}.ts` })),
  ...Object.entries(background).flatMap(([kind, declarations]) =>
    Object.entries(declarations).map(([name, { entry }]) => ({
      name: `${kind}.${name}`,
      file: `functions/${entry}.ts`,
    })),
  ),
];

describe('functions and their declarations', () => {
  it('match one to one', async () => {
    const sources = await projectSources();
    const entries = sources.filter(({ path }) => /^functions\/(?!wiring)/.test(path));
    expect(mismatches(declared, entries)).toEqual([]);
  });
});

describe('the rule', () => {
  const file = 'functions/http/things/get.ts';
  const text = `import { getThing } from '../../../shared/contract/things.ts'; export const handler = getThing;`;

  it('passes a function that is declared and there', () => {
    expect(mismatches([{ name: 'getThing', file }], [readSource(file, text)])).toEqual([]);
  });

  it('finds a declaration without its file', () => {
    expect(mismatches([{ name: 'getThing', file }], [])).toEqual([`getThing lacks its file ${file}`]);
  });

  it('finds a file without its declaration', () => {
    expect(mismatches([], [readSource(file, text)])).toEqual([`${file} is declared nowhere`]);
  });

  it('finds a file that answers for another declaration', () => {
    expect(mismatches([{ name: 'listThings', file }], [readSource(file, text)])).toEqual([
      `${file} does not use its declaration listThings`,
    ]);
  });

  it('finds a scheduled function that runs another one', () => {
    const other = readSource(
      file,
      `import { schedules } from '../../../shared/contract/background/index.ts';
      export const handler = schedules.sweep;`,
    );
    expect(mismatches([{ name: 'schedules.sweep', file }], [other])).toEqual([]);
    expect(mismatches([{ name: 'schedules.check', file }], [other])).toHaveLength(1);
  });

  it('finds a file that Lambda could not start', () => {
    const mute = readSource(file, text.replace('handler', 'get'));
    expect(mismatches([{ name: 'getThing', file }], [mute])).toEqual([`${file} exports no handler`]);
  });

  it('finds two declarations for one file', () => {
    const both = [
      { name: 'listThings', file },
      { name: 'getThing', file },
    ];
    expect(mismatches(both, [readSource(file, text)])).toContain(`${file} answers more than one declaration`);
  });
});
