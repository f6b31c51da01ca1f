import type * as z from 'zod/mini';
import { makeSample } from './examples.ts';
import { type EntryIssue, type ProviderEntry, providerSchema } from './schema.ts';
import { placeholders } from './templates.ts';
import { exampleIssues } from './validate-examples.ts';
import { oauth2Issues, oauth2Templates } from './validate-oauth2.ts';
import { openIssues, openTemplates } from './validate-open.ts';

/** Leftmost label alone may vary, so that no value reaches another domain. */
const BASE_URL = /^https:\/\/(\{[A-Za-z0-9]+\}\.)?([a-z0-9-]+\.)+[a-z]{2,}$/;

/**
 * Checks an entry: its shape, the references within it, and that its examples are classified as they should
 * be.
 */
export function validateEntry(
  input: unknown,
):
  | { readonly entry: ProviderEntry; readonly issues?: undefined }
  | { readonly issues: readonly EntryIssue[] } {
  const result = providerSchema.safeParse(input);
  if (!result.success) return { issues: result.error.issues.map(shapeIssue) };
  const references = referenceIssues(result.data);
  // Rules and templates that lead nowhere would repeat as issues of every example.
  const issues = references.length > 0 ? references : exampleIssues(result.data);
  return issues.length > 0 ? { issues } : { entry: result.data };
}

function shapeIssue(issue: z.core.$ZodIssue): EntryIssue {
  return { path: issue.path.join('.') || '(entry)', message: describe(issue) };
}

/** zod/mini comes without messages. */
function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `has no ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  return issue.message;
}

function referenceIssues(entry: ProviderEntry): EntryIssue[] {
  const checks = [
    ...[hostIssues, fieldIssues, templateIssues, optionalFieldIssues],
    ...[accountIssues, oauth2Issues, openIssues, ruleIssues],
  ];
  return checks.flatMap((issuesOf) => issuesOf(entry));
}

function hostIssues({ open, baseUrl, auth, derived }: ProviderEntry): EntryIssue[] {
  if (!BASE_URL.test(baseUrl) && !open) {
    return [{ path: 'baseUrl', message: 'must be https://host, with a template as leftmost label at most' }];
  }
  return placeholders(baseUrl).flatMap((name) => {
    const pattern = derived?.[name]?.pattern ?? auth.fields.find((field) => field.name === name)?.pattern;
    return pattern === undefined
      ? [{ path: 'baseUrl', message: `the host part {${name}} must have a pattern` }]
      : [];
  });
}

function fieldIssues({ auth, derived = {}, oauth2 }: ProviderEntry): EntryIssue[] {
  const names = auth.fields.map((field) => field.name);
  const samples = makeSample(auth.fields, 'one');
  return [
    ...auth.fields.flatMap(({ name, pattern }, index) => {
      const path = `auth.fields.${index}`;
      if (pattern === undefined) return [{ path, message: `the field ${name} must have a pattern` }];
      const issue = patternIssue(pattern);
      if (issue !== undefined) return [{ path: `${path}.pattern`, message: issue }];
      return new RegExp(pattern, 'v').test(samples[name] ?? '')
        ? []
        : [{ path: `${path}.sample`, message: `"${samples[name]}" does not match the field's pattern` }];
    }),
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => ({ path: 'auth.fields', message: `two fields named ${name}` })),
    ...Object.entries(derived).flatMap(([name, { from, pattern }]) => {
      const isKnown = names.includes(from) || Object.hasOwn(oauth2?.keep ?? {}, from);
      const issue = isKnown ? patternIssue(pattern) : `no field named ${from}`;
      return issue === undefined ? [] : [{ path: `derived.${name}`, message: issue }];
    }),
  ];
}

/** HTML compiles a `pattern` with the `v` flag, which is the strictest reading. */
function patternIssue(source: string): string | undefined {
  try {
    new RegExp(source, 'v');
    return undefined;
  } catch (error) {
    return `not a valid pattern: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function templateIssues(entry: ProviderEntry): EntryIssue[] {
  const known = new Set([
    ...entry.auth.fields.map((field) => field.name),
    ...Object.keys(entry.derived ?? {}),
    ...(entry.oauth2 === undefined ? [] : ['accessToken', ...Object.keys(entry.oauth2.keep ?? {})]),
  ]);
  const templates: [path: string, template: string | undefined][] = [
    ['baseUrl', entry.baseUrl],
    ['probe.path', entry.probe.path],
    ['expiry.request.path', entry.expiry?.request?.path],
    ['send.basic.username', entry.send.basic?.username],
    ['send.basic.password', entry.send.basic?.password],
    ...Object.entries(entry.send.headers ?? {}).map(([name, value]): [string, string] => [
      `send.headers.${name}`,
      value,
    ]),
    ...Object.entries(entry.send.query ?? {}).map(([name, value]): [string, string] => [
      `send.query.${name}`,
      value,
    ]),
  ];
  const others = [...oauth2Templates(entry), ...openTemplates(entry).map(([, template]) => template)];
  const used = new Set(
    [...templates.map(([, template]) => template), ...others].flatMap((template) =>
      placeholders(template ?? ''),
    ),
  );
  const sources = new Set([...used].map((name) => entry.derived?.[name]?.from ?? name));
  return [
    ...templates.flatMap(([path, template]) =>
      placeholders(template ?? '')
        .filter((name) => !known.has(name))
        .map((name) => ({ path, message: `{${name}} is neither a field nor derived` })),
    ),
    ...entry.auth.fields
      .filter(({ name }) => !sources.has(name))
      .map(({ name }) => ({ path: 'auth.fields', message: `the field ${name} is never sent` })),
  ];
}

/** A header or query parameter can be left out with its field; a host, a path or a password cannot. */
function optionalFieldIssues({
  auth,
  derived = {},
  baseUrl,
  probe,
  expiry,
  send,
}: ProviderEntry): EntryIssue[] {
  const fixed = [baseUrl, probe.path, expiry?.request?.path, send.basic?.username, send.basic?.password];
  const names = [...fixed.flatMap((template) => placeholders(template ?? '')), ...Object.keys(derived)];
  const needed = new Set(names.map((name) => derived[name]?.from ?? name));
  return auth.fields
    .filter(({ name, required }) => !required && needed.has(name))
    .map(({ name }) => ({ path: 'auth.fields', message: `the field ${name} must be required` }));
}

function accountIssues({ account, auth, oauth2 }: ProviderEntry): EntryIssue[] {
  if (account === null) return [];
  const entered = auth.fields.filter((field) => !field.secret).map(({ name }) => name);
  const open = new Set([...entered, ...Object.keys(oauth2?.keep ?? {})].map((name) => `field.${name}`));
  return [account.id, ...account.labels].flatMap((template) => {
    const names = placeholders(template);
    if (names.length === 0) return [{ path: 'account', message: `"${template}" reads nothing` }];
    return names
      .filter((name) => !/^(body|header)\../.test(name) && !open.has(name))
      .map((name) => ({
        path: 'account',
        message: `{${name}} is no body.<path>, no header.<name> and no open field`,
      }));
  });
}

function ruleIssues({ responseRules }: ProviderEntry): EntryIssue[] {
  const outcomes = new Set(responseRules.map((rule) => rule.outcome));
  return (['ok', 'access_revoked'] as const)
    .filter((needed) => !outcomes.has(needed))
    .map((needed) => ({ path: 'responseRules', message: `no rule has the outcome ${needed}` }));
}

/** Bytes. Icons come with every page of a list. */
const ICON_LIMIT = 12 * 1024;

/** Checks an icon: small, with a size of its own, and nothing in it that runs or loads anything. */
export function iconIssues(svg: string): string[] {
  return [
    ...(/^<svg [^>]*width="\d+" height="\d+"[\s\S]*<\/svg>$/.test(svg)
      ? []
      : ['must be an svg element with width and height in whole pixels']),
    ...(Buffer.byteLength(svg) > ICON_LIMIT ? [`must be at most ${ICON_LIMIT} bytes`] : []),
    ...(/<script|<foreignObject|\son\w+\s*=|href|url\(\s*["']?https?:|data:|javascript:/i.test(svg)
      ? ['must hold no script and no link']
      : []),
  ];
}
