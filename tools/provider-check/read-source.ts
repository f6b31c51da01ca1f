import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { iconIssues, validateEntry } from '../../shared/catalog/validate.ts';

/** Reads and validates the two files of one provider, whatever the state of the others. */
export function readSource(
  id: string,
  folder: string,
): { readonly entry: ProviderEntry; readonly issues?: undefined } | { readonly issues: readonly string[] } {
  const [json, svg] = [join(folder, `${id}.json`), join(folder, `${id}.svg`)];
  const absent = [json, svg].filter((file) => !existsSync(file));
  if (absent.length > 0) return { issues: absent.map((file) => `${file} does not exist`) };
  const icon = iconIssues(readFileSync(svg, 'utf8').trim()).map((message) => `${id}.svg: ${message}`);
  const result = validateEntry(parse(readFileSync(json, 'utf8')));
  const entry = (result.issues ?? []).map(({ path, message }) => `${id}.json: ${path}: ${message}`);
  const issues = [...entry, ...icon];
  if (result.issues === undefined && result.entry.id !== id)
    issues.push(`${id}.json: id: is ${result.entry.id}`);
  return result.issues === undefined && issues.length === 0 ? { entry: result.entry } : { issues };
}

/** Text that is not JSON is an invalid entry like any other. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
