import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, relative } from 'node:path';
import { CATALOG_FILES } from './layout.ts';
import { compareProviders } from './order.ts';
import type { EntryIssue, Provider, ProviderEntry, ProviderSummary, PublicProvider } from './schema.ts';
import { iconIssues, validateEntry } from './validate.ts';

/** Folder of the providers that come with the project: `<id>.json`, and `<id>.svg` beside it. */
export const BUILT_IN_PROVIDERS = join(import.meta.dirname, 'providers');

/** Entry with its icon, as SVG. */
export interface ProviderSource {
  readonly entry: ProviderEntry;
  readonly icon: string;
}

/** Problem of a file in a folder of providers. */
export interface CatalogIssue extends EntryIssue {
  readonly file: string;
}

/** Invalid folder of providers. The message has a line for each issue: `<file>: <path>: <message>`. */
export class CatalogError extends Error {
  readonly issues: readonly CatalogIssue[];

  constructor(issues: readonly CatalogIssue[]) {
    super(issues.map(({ file, path, message }) => `${file}: ${path}: ${message}`).join('\n'));
    this.name = 'CatalogError';
    this.issues = issues;
  }
}

/** Catalog as the deployed functions see it. */
export interface CompiledCatalog {
  readonly summaries: ReadonlyMap<string, ProviderSummary>;
  readonly list: readonly PublicProvider[];
  readonly forms: ReadonlyMap<string, PublicProvider>;
  readonly entries: ReadonlyMap<string, Provider>;
  readonly icons: ReadonlyMap<string, string>;
}

/**
 * Reads and validates folders of providers. A later folder adds to the earlier ones and overrides their
 * entries and icons by file name.
 *
 * @throws CatalogError with every issue of every file.
 */
export function readProviders(folders: readonly string[]): readonly ProviderSource[] {
  const issues: CatalogIssue[] = [];
  const entries = new Map<string, { readonly file: string; readonly entry: ProviderEntry | undefined }>();
  const icons = new Map<string, { readonly file: string; readonly icon: string }>();
  for (const path of folders.flatMap((folder) => filesOf(folder, issues))) {
    const file = displayName(path);
    const [, id = '', kind] = /([^/\\]+)\.(json|svg)$/.exec(path) ?? [];
    if (kind === 'json') entries.set(id, { file, entry: readEntry(path, id, issues) });
    if (kind === 'svg') icons.set(id, { file, icon: readIcon(path, issues) });
  }
  for (const [id, { file }] of entries) {
    if (!icons.has(id)) issues.push({ file, path: '(icon)', message: `${id}.svg is missing` });
  }
  for (const [id, { file }] of icons) {
    if (!entries.has(id)) issues.push({ file, path: '(icon)', message: `no provider ${id}` });
  }
  if (issues.length > 0) throw new CatalogError(issues);
  return [...entries.keys()].sort().flatMap((id) => {
    const [entry, icon] = [entries.get(id)?.entry, icons.get(id)?.icon];
    return entry === undefined || icon === undefined ? [] : [{ entry, icon }];
  });
}

function filesOf(folder: string, issues: CatalogIssue[]): string[] {
  try {
    const files = readdirSync(folder).sort();
    return files
      .filter((file) => ['.json', '.svg'].includes(extname(file)))
      .map((file) => join(folder, file));
  } catch (error) {
    issues.push({ file: displayName(folder), path: '(folder)', message: messageOf(error) });
    return [];
  }
}

function readEntry(path: string, id: string, issues: CatalogIssue[]): ProviderEntry | undefined {
  const file = displayName(path);
  const text = readFileSync(path, 'utf8');
  const json = parseJson(text);
  if (json.error !== undefined) {
    issues.push({ file, path: '(entry)', message: `is not JSON: ${json.error}` });
    return undefined;
  }
  const result = validated(text, json.value);
  if (result.issues !== undefined) {
    issues.push(...result.issues.map((issue) => ({ file, ...issue })));
    return undefined;
  }
  if (result.entry.id !== id) {
    issues.push({ file, path: 'id', message: `is ${result.entry.id}, but the file is named ${id}.json` });
  }
  return result.entry;
}

/** Results by text: a process reads the same entries several times, and validation renders every example. */
const results = new Map<string, ReturnType<typeof validateEntry>>();

function validated(text: string, entry: unknown): ReturnType<typeof validateEntry> {
  const result = results.get(text) ?? validateEntry(entry);
  results.set(text, result);
  return result;
}

function readIcon(path: string, issues: CatalogIssue[]): string {
  const icon = readFileSync(path, 'utf8').trim();
  const file = displayName(path);
  issues.push(...iconIssues(icon).map((message) => ({ file, path: '(icon)', message })));
  return icon;
}

function parseJson(
  text: string,
): { readonly value: unknown; readonly error?: undefined } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Names a file from the working directory, where it lies below it. */
function displayName(path: string): string {
  const name = relative('.', path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}

/** Compiles providers, deterministically. */
export function compile(sources: readonly ProviderSource[]): CompiledCatalog {
  const entries = sources.map(({ entry }) => entry);
  return {
    summaries: new Map(entries.map((entry) => [entry.id, toSummary(entry)])),
    list: entries.map(toPublic).sort(compareProviders),
    forms: new Map(entries.map((entry) => [entry.id, toPublic(entry)])),
    entries: new Map(entries.map((entry) => [entry.id, toProvider(entry)])),
    icons: new Map(sources.map(({ entry, icon }) => [entry.id, icon])),
  };
}

function toSummary({ name, category, auth, cadence }: ProviderEntry): ProviderSummary {
  return { name, category, authType: auth.type, cadence };
}

function toPublic({ id, name, category, docsUrl, auth, oauth2 }: ProviderEntry): PublicProvider {
  const fields = auth.fields.map(({ sample: _, ...field }) => field);
  const scopes = oauth2 && [...oauth2.scopes.required, ...(oauth2.scopes.optional ?? [])];
  return {
    id,
    name,
    category,
    docsUrl,
    auth: { type: auth.type, fields, ...(scopes && { scopes }) },
    ...(oauth2?.client && { client: oauth2.client }),
  };
}

function toProvider(entry: ProviderEntry): Provider {
  const { category: _c, docsUrl: _d, examples: _e, undocumented: _u, sources: _s, auth, ...rest } = entry;
  const fields = auth.fields.map(({ help: _h, placeholder: _p, sample: _, ...field }) => field);
  return { ...rest, auth: { type: auth.type, fields } };
}

/**
 * Compiles folders of providers into the folder that `openCatalog` reads, which is emptied first.
 *
 * @returns the compiled entries.
 * @throws CatalogError as `readProviders`; nothing is written then.
 */
export function compileInto(out: string, folders: readonly string[]): readonly Provider[] {
  const { summaries, list, forms, entries, icons } = compile(readProviders(folders));
  const files = new Map<string, string>([[CATALOG_FILES.list, JSON.stringify(list)]]);
  for (const [id, summary] of summaries) files.set(CATALOG_FILES.summary(id), JSON.stringify(summary));
  for (const [id, form] of forms) files.set(CATALOG_FILES.form(id), JSON.stringify(form));
  for (const [id, entry] of entries) files.set(CATALOG_FILES.entry(id), JSON.stringify(entry));
  for (const [id, icon] of icons) files.set(CATALOG_FILES.icon(id), icon);
  rmSync(out, { recursive: true, force: true });
  for (const [name, content] of files) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), content);
  }
  return [...entries.values()];
}
