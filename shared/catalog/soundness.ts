import { placeholders } from './templates.ts';

interface Fault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The parts of an entry that refer to each other. */
interface Entry {
  readonly auth: {
    readonly type: string;
    readonly fields: readonly {
      readonly name: string;
      readonly secret: boolean;
      readonly required: boolean;
      readonly pattern?: string | undefined;
    }[];
  };
  readonly oauth2?: unknown;
  readonly baseUrl: string;
  readonly derived?:
    | Readonly<Record<string, { readonly from: string; readonly pattern: string }>>
    | undefined;
  readonly send: {
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly query?: Readonly<Record<string, string>> | undefined;
    readonly basic?: { readonly username: string; readonly password: string } | undefined;
  };
  readonly probe: { readonly path: string };
  readonly expiry?: { readonly request?: { readonly path: string } | undefined } | undefined;
  readonly account: { readonly id: string; readonly labels: readonly string[] } | null;
  readonly responseRules: readonly { readonly outcome: string }[];
}

/** The host may vary in its leftmost label only, so that no value reaches another domain. */
const BASE_URL = /^https:\/\/(\{[A-Za-z0-9]+\}\.)?([a-z0-9-]+\.)+[a-z]{2,}$/;

/** What is wrong with an entry beyond its shape: names that lead nowhere, hosts or secrets let loose. */
export function catalogIssues(entry: Entry): Fault[] {
  return [
    ...hostFaults(entry),
    ...fieldIssues(entry),
    ...templateFaults(entry),
    ...optionalFaults(entry),
    ...accountFaults(entry),
    ...oauth2Faults(entry),
    ...ruleIssues(entry),
  ];
}

function hostFaults({ baseUrl, auth, derived }: Entry): Fault[] {
  if (!BASE_URL.test(baseUrl)) {
    return [
      { path: ['baseUrl'], message: 'must be https://host, with a template as leftmost label at most' },
    ];
  }
  return placeholders(baseUrl).flatMap((name) => {
    const pattern = derived?.[name]?.pattern ?? auth.fields.find((field) => field.name === name)?.pattern;
    return pattern === undefined
      ? [{ path: ['baseUrl'], message: `the host part {${name}} must have a pattern` }]
      : [];
  });
}

function fieldIssues({ auth, derived = {} }: Entry): Fault[] {
  const names = auth.fields.map((field) => field.name);
  const doubled = names.filter((name, index) => names.indexOf(name) !== index);
  const patterns = [
    ...auth.fields.map((field, index) => ({
      path: ['auth', 'fields', index, 'pattern'],
      source: field.pattern,
    })),
    ...Object.entries(derived).map(([name, { pattern }]) => ({ path: ['derived', name], source: pattern })),
  ];
  return [
    ...auth.fields
      .filter((field) => field.pattern === undefined)
      .map(({ name }) => ({ path: ['auth', 'fields'], message: `the field ${name} must have a pattern` })),
    ...doubled.map((name) => ({ path: ['auth', 'fields'], message: `two fields named ${name}` })),
    ...patterns.flatMap(({ path, source }) => {
      const message = source === undefined ? undefined : patternFault(source);
      return message === undefined ? [] : [{ path, message }];
    }),
    ...Object.entries(derived)
      .filter(([, { from }]) => !names.includes(from))
      .map(([name, { from }]) => ({ path: ['derived', name], message: `no field named ${from}` })),
  ];
}

/** HTML compiles a `pattern` with the `v` flag, which is the strictest reading. */
function patternFault(source: string): string | undefined {
  try {
    new RegExp(source, 'v');
    return undefined;
  } catch (error) {
    return `not a valid pattern: ${error instanceof Error ? error.message : 'unreadable'}`;
  }
}

function templateFaults(entry: Entry): Fault[] {
  const known = new Set([
    ...entry.auth.fields.map((field) => field.name),
    ...Object.keys(entry.derived ?? {}),
    ...(entry.auth.type === 'oauth2' ? ['accessToken'] : []),
  ]);
  const templates: [string, string | undefined][] = [
    ['baseUrl', entry.baseUrl],
    ['probe', entry.probe.path],
    ['expiry', entry.expiry?.request?.path],
    ['send', entry.send.basic?.username],
    ['send', entry.send.basic?.password],
    ...[entry.send.headers, entry.send.query].flatMap((record) =>
      Object.values(record ?? {}).map((value): [string, string] => ['send', value]),
    ),
  ];
  const used = new Set(templates.flatMap(([, template]) => placeholders(template ?? '')));
  const sources = new Set([...used].map((name) => entry.derived?.[name]?.from ?? name));
  return [
    ...templates.flatMap(([path, template]) =>
      placeholders(template ?? '')
        .filter((name) => !known.has(name))
        .map((name) => ({ path: [path], message: `{${name}} is neither a field nor derived` })),
    ),
    ...entry.auth.fields
      .filter(({ name }) => !sources.has(name))
      .map(({ name }) => ({ path: ['auth', 'fields'], message: `the field ${name} is never sent` })),
  ];
}

/** A header or a part of the query can be left out with its field; a host, a path or a password cannot. */
function optionalFaults({ auth, derived = {}, baseUrl, probe, expiry, send }: Entry): Fault[] {
  const fixed = [baseUrl, probe.path, expiry?.request?.path, send.basic?.username, send.basic?.password];
  const names = [...fixed.flatMap((template) => placeholders(template ?? '')), ...Object.keys(derived)];
  const needed = new Set(names.map((name) => derived[name]?.from ?? name));
  return auth.fields
    .filter(({ name, required }) => !required && needed.has(name))
    .map(({ name }) => ({ path: ['auth', 'fields'], message: `the field ${name} must be required` }));
}

function accountFaults({ account, auth }: Entry): Fault[] {
  if (account === null) return [];
  const open = new Set(auth.fields.filter((field) => !field.secret).map((field) => `field.${field.name}`));
  return [account.id, ...account.labels].flatMap((template) => {
    const names = placeholders(template);
    if (names.length === 0) return [{ path: ['account'], message: `"${template}" reads nothing` }];
    return names
      .filter((name) => !/^(body|header)\../.test(name) && !open.has(name))
      .map((name) => ({ path: ['account'], message: `{${name}} is no reading and no field that is open` }));
  });
}

function oauth2Faults({ auth, oauth2 }: Entry): Fault[] {
  const told = oauth2 !== undefined;
  if ((auth.type === 'oauth2') !== told) {
    return [{ path: ['oauth2'], message: 'stands exactly where auth.type is oauth2' }];
  }
  if (auth.type !== 'oauth2' && auth.fields.length === 0) {
    return [{ path: ['auth', 'fields'], message: 'must have a field' }];
  }
  return [];
}

function ruleIssues({ responseRules }: Entry): Fault[] {
  const outcome = new Set(responseRules.map((rule) => rule.outcome));
  return ['ok', 'access_revoked']
    .filter((needed) => !outcome.has(needed))
    .map((needed) => ({ path: ['responseRules'], message: `no rule has the outcome ${needed}` }));
}
