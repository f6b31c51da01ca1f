import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { DataFile } from '../../../local/sandbox/data-file.ts';

const record = z.strictObject({ id: z.string(), value: z.number() });

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'data-file-'));
  file = join(folder, 'new', 'records.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

function opened() {
  const dataFile = new DataFile<z.infer<typeof record>>(file);
  const records = new Map(dataFile.read(record).map((each) => [each.id, each]));
  return {
    records,
    save(...changed: z.infer<typeof record>[]) {
      for (const each of changed) records.set(each.id, each);
      dataFile.append(changed, records);
    },
  };
}

test('the last change of each record is read again', () => {
  const { save } = opened();
  save({ id: 'a', value: 1 }, { id: 'b', value: 1 });
  save({ id: 'a', value: 2 });
  expect([...opened().records.values()]).toEqual([
    { id: 'b', value: 1 },
    { id: 'a', value: 2 },
  ]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a line that a killed process left unfinished is not read, and holds up no change', () => {
  opened().save({ id: 'a', value: 1 });
  appendFileSync(file, '{"id":"a","val');
  const { records, save } = opened();
  expect([...records.values()]).toEqual([{ id: 'a', value: 1 }]);
  save({ id: 'b', value: 2 });
  expect([...opened().records.keys()]).toEqual(['a', 'b']);
});

test('another file is refused', () => {
  opened().save({ id: 'a', value: 1 });
  writeFileSync(file, '{"id":1}\n');
  expect(() => opened()).toThrow('holds no data of the sandbox');
});

test('a file does not grow with the changes of few records', () => {
  const { save } = opened();
  for (let value = 0; value < 12_000; value++) save({ id: 'a', value });
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(10_010);
  expect([...opened().records.values()]).toEqual([{ id: 'a', value: 11_999 }]);
});
