import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { projectFiles, textOf } from './project.ts';

const files = await projectFiles();

/** A link's target, or a path of a file in backticks. Paths with a placeholder, such as `<resource>.ts`, do not match. */
const LINK = /\]\((?!https?:|#)([^)#\s]+)/g;
const PATH = /`((?:docs|functions|infra|local|shared|test|tools|web)\/[\w./-]+\.(?:css|json|md|ts))`/g;

test('every file that a document links to or names exists', async () => {
  const known = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
  // A decision describes its own time: a file that it names may be gone.
  const documents = files.filter((file) => file.endsWith('.md') && !file.startsWith('docs/decisions/'));
  const found = await Promise.all(
    documents.map(async (document) => {
      const text = await textOf(document);
      const links = Array.from(text.matchAll(LINK), ([, target = '']) =>
        posix.join(posix.dirname(document), target).replace(/\/$/, ''),
      );
      const paths = Array.from(text.matchAll(PATH), ([, path = '']) => path);
      return [...links, ...paths].filter((path) => !known.has(path)).map((path) => `${document}: ${path}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

test('doc comments begin with a noun or a verb', async () => {
  const sources = files.filter((file) => /\.tsx?$/.test(file) && file !== 'web/client/schema.ts');
  const found = await Promise.all(
    sources.map(async (file) => {
      const comments = (await textOf(file)).matchAll(/\/\*\*\s+(?:\*\s+)?((?:What|Whether|Of|How)\b[^\n]*)/g);
      return Array.from(comments, ([, sentence]) => `${file}: ${sentence}`);
    }),
  );
  expect(found.flat()).toEqual([]);
});

function foldersOf(file: string): readonly string[] {
  const parts = file.split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
