import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  eventHandlers,
  queueWorkers,
  schedules,
  streamWorkers,
} from '../../shared/contract/background/index.ts';
import { authorizers } from '../../shared/contract/http/authorizers.ts';
import { routes } from '../../shared/contract/http/index.ts';
import { projectFiles, ROOT, textOf } from './project.ts';

/** Each declared function: its name in the contract and the file that must hold it. */
const declared = [
  ...Object.entries(routes).map(([name, { entry }]) => ({ name, file: `functions/http/${entry}.ts` })),
  ...[authorizers, schedules, queueWorkers, streamWorkers, eventHandlers].flatMap((declarations) =>
    Object.entries(declarations).map(([name, { entry }]) => ({ name, file: `functions/${entry}.ts` })),
  ),
];

describe('the entry files under functions/', () => {
  it('match the declarations one to one', async () => {
    const files = await projectFiles();
    const entries = files.filter((file) =>
      /^functions\/(http|authorizers|schedules|queues|streams|events)\//.test(file),
    );
    expect(entries).toEqual(declared.map(({ file }) => file).sort());
  });

  it.each(declared)('$file exports a handler made from $name', async ({ name, file }) => {
    expect(await import(join(ROOT, file))).toHaveProperty('handler', expect.any(Function));
    expect(await textOf(file)).toMatch(new RegExp(`\\b${name}\\b`));
  });
});
