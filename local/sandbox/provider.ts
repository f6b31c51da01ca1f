import type { Example, Situation } from '../../shared/catalog/example-schema.ts';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { compileMatcher, mergeValues, placeholders } from '../../shared/catalog/templates.ts';
import { carriedByOpen, matchOpen } from './open.ts';
import { basicOf, type DocumentedRequest, type MatchedRequest, type SandboxRequest } from './request.ts';

type Values = Readonly<Record<string, string>>;

/** Request as its provider sees it. */
export interface ReceivedRequest extends MatchedRequest {
  readonly provider: SandboxProvider;
}

/** Place in a request that carries credentials. */
interface CredentialPart {
  readonly names: readonly string[];
  readonly read: (request: SandboxRequest) => string | undefined;
  readonly match: (text: string) => Values | undefined;
}

/**
 * Provider of the sandbox: recognizes requests by the templates of its entry, which are what our client
 * fills.
 */
export class SandboxProvider {
  readonly entry: ProviderEntry;
  readonly #matchOrigin: (origin: string) => Values | undefined;
  readonly #documented: readonly DocumentedRequest[];
  readonly #parts: readonly CredentialPart[];

  constructor(entry: ProviderEntry) {
    this.entry = entry;
    this.#matchOrigin = compileMatcher(entry.baseUrl, '[A-Za-z0-9-]+');
    this.#documented = documentedRequests(entry);
    this.#parts = credentialParts(entry);
  }

  /** Matches a request; none for one to another host, several where a key may be in any header or parameter. */
  match(request: SandboxRequest): readonly ReceivedRequest[] {
    if (this.entry.open) {
      return matchOpen(this.entry, request).map((matched) => ({ provider: this, ...matched }));
    }
    const host = this.#matchOrigin(`https://${request.host}`);
    if (host === undefined) return [];
    for (const documented of this.#documented) {
      const path = request.method === documented.method ? documented.match(request.path) : undefined;
      if (path !== undefined) {
        return [{ provider: this, documented, credentials: this.#credentials(request, { host, path }) }];
      }
    }
    const credentials = this.#credentials(request, { host, path: {} });
    return [{ provider: this, documented: undefined, credentials }];
  }

  /** Finds the example of a situation: first of those for this kind of request, then of those for any. */
  example(situation: Situation, kind: 'probe' | 'expiry' = 'probe', scopes: readonly string[] = []): Example {
    const { id, examples } = this.entry;
    const fitting = examples.filter(
      (example) =>
        example.situations.includes(situation) &&
        (example.request ?? kind) === kind &&
        (scopes.length === 0 || (example.scopes ?? []).every((scope) => scopes.includes(scope))),
    );
    const found = fitting.find(({ request }) => request === kind) ?? fitting[0];
    if (found === undefined) throw new Error(`${id} has no example of ${situation} to the ${kind} request`);
    return found;
  }

  /**
   * Returns what a request with these credentials carries: of OAuth 2.0, the access token and the values in the address,
   * not those that it was obtained with.
   */
  carried(credentials: Values): Values {
    if (this.entry.open) return carriedByOpen(this.entry, credentials);
    const { oauth2, derived = {} } = this.entry;
    if (oauth2 === undefined || credentials.accessToken === undefined) return credentials;
    const carried = this.#names().flatMap((name) => {
      const { from = name, pattern = '(.*)' } = derived[name] ?? {};
      const value = new RegExp(pattern, 'sv').exec(credentials[from] ?? '')?.[1];
      return value === undefined || value === '' ? [] : [[name, value] as const];
    });
    return Object.fromEntries(carried);
  }

  /** Names of the values that requests are made with, or that these are derived from. */
  sources(): ReadonlySet<string> {
    const { derived = {} } = this.entry;
    return new Set(this.#names().map((name) => derived[name]?.from ?? name));
  }

  #names(): string[] {
    const { baseUrl, probe } = this.entry;
    const inAddress = [baseUrl, probe.path].flatMap(placeholders);
    return [...inAddress, ...this.#parts.flatMap(({ names }) => names)];
  }

  #credentials(
    request: SandboxRequest,
    { host, path }: { readonly host: Values; readonly path: Values },
  ): Values | undefined {
    const { auth, derived = {} } = this.entry;
    const optional = new Set(auth.fields.filter(({ required }) => !required).map(({ name }) => name));
    const found = [...Object.entries(host), ...Object.entries(path)];
    for (const { names, read, match } of this.#parts) {
      const values = match(read(request) ?? '');
      if (values !== undefined) found.push(...Object.entries(values));
      else if (!names.every((name) => optional.has(name))) return undefined;
    }
    const merged = mergeValues(found);
    if (merged === undefined) return undefined;
    // Values that are derived from a kept value stand for it: the request has no other part of it.
    const checked = Object.entries(derived).filter(([, { from }]) => merged[from] !== undefined);
    const isConsistent = checked.every(([name, { from, pattern }]) => {
      const expected = new RegExp(pattern, 'v').exec(merged[from] ?? '')?.[1];
      return merged[name] === undefined || merged[name] === expected;
    });
    if (!isConsistent) return undefined;
    const repeated = new Set(checked.map(([name]) => name));
    return Object.fromEntries(Object.entries(merged).filter(([name]) => !repeated.has(name)));
  }
}

function documentedRequests({ probe, expiry }: ProviderEntry): DocumentedRequest[] {
  const requests = [
    { kind: 'probe' as const, ...probe },
    ...(expiry?.request ? [{ kind: 'expiry' as const, ...expiry.request }] : []),
  ];
  return requests.map(({ kind, method, path }) => {
    const match = compileMatcher(path, '[^/]+');
    return { kind, method, path, match: (actual) => decodeAll(match(actual)) };
  });
}

function decodeAll(values: Values | undefined): Values | undefined {
  try {
    const decoded = Object.entries(values ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
    return values && Object.fromEntries(decoded);
  } catch {
    return undefined;
  }
}

function credentialParts({ send }: ProviderEntry): CredentialPart[] {
  const parts: [template: string, read: CredentialPart['read']][] = [
    ...Object.entries(send.headers ?? {}).map(([name, template]): [string, CredentialPart['read']] => [
      template,
      ({ headers }) => headers[name],
    ]),
    ...Object.entries(send.query ?? {}).map(([name, template]): [string, CredentialPart['read']] => [
      template,
      ({ query }) => query.get(name) ?? undefined,
    ]),
    [send.basic?.username ?? '', (request) => basicOf(request)?.username],
    [send.basic?.password ?? '', (request) => basicOf(request)?.password],
  ];
  return parts
    .map(([template, read]) => ({ names: placeholders(template), read, match: compileMatcher(template) }))
    .filter(({ names }) => names.length > 0);
}
