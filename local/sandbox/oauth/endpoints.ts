import { compileMatcher, mergeValues } from '../../../shared/catalog/templates.ts';
import type { OAuth2, OAuthProvider } from './provider.ts';

type Values = Readonly<Record<string, string>>;

export type EndpointKind = 'authorize' | 'token' | 'metadata' | 'revocation';

/** An OAuth 2.0 endpoint, matched by host and path. */
export interface MatchedEndpoint {
  readonly kind: EndpointKind;
  /** Template of the path, for the request log. */
  readonly path: string;
  /** Providers that share the endpoint, each with the fields in the address: a shop, a tenant. */
  readonly candidates: readonly { readonly provider: OAuthProvider; readonly fields: Values }[];
}

const KINDS: readonly EndpointKind[] = ['authorize', 'token', 'metadata', 'revocation'];

/** Finds the endpoint at an address; undefined where no entry has one. A DELETE comes to a revocation endpoint only. */
export function matchEndpoint(
  { method, host, path }: { readonly method: string; readonly host: string; readonly path: string },
  providers: readonly OAuthProvider[],
): MatchedEndpoint | undefined {
  for (const kind of method === 'DELETE' ? (['revocation'] as const) : KINDS) {
    const matches = providers.flatMap((provider) => {
      for (const template of templatesOf(provider.oauth2)[kind]) {
        const fields = matchAddress(template, host, path);
        if (fields !== undefined) return [{ provider, fields, template }];
      }
      return [];
    });
    const [first] = matches;
    if (first !== undefined) return { kind, path: splitAddress(first.template).path, candidates: matches };
  }
  return undefined;
}

/** Endpoints at the hosts that stand in for services which a user names. */
const STAND_IN = 'https://{standIn}.service.example/oauth';

type Templates = Readonly<Record<EndpointKind, readonly string[]>>;

/** By entry. Each request is matched against those of all entries. */
const templates = new WeakMap<OAuth2, Templates>();

function templatesOf(oauth2: OAuth2): Templates {
  const known = templates.get(oauth2);
  if (known) return known;
  const ofEntry = {
    authorize: templatesOfKind(oauth2, 'authorize'),
    token: templatesOfKind(oauth2, 'token'),
    metadata: templatesOfKind(oauth2, 'metadata'),
    revocation: templatesOfKind(oauth2, 'revocation'),
  };
  templates.set(oauth2, ofEntry);
  return ofEntry;
}

function templatesOfKind(oauth2: OAuth2, kind: EndpointKind): readonly string[] {
  return addressesIn(oauth2, kind).map((address) =>
    /^\{\w+\}$/.test(address) ? `${STAND_IN}/${kind}` : address,
  );
}

function addressesIn(
  { authorizeUrl, tokenUrl, refresh, longLived, metadata, revocation }: OAuth2,
  kind: EndpointKind,
): readonly string[] {
  switch (kind) {
    case 'authorize':
      return authorizeUrl === undefined ? [] : [authorizeUrl];
    case 'token':
      return [tokenUrl, refresh?.url, longLived?.exchange.url, longLived?.refresh?.url].flatMap(
        (url) => url?.split('?')[0] ?? [],
      );
    case 'metadata':
      return metadata === undefined ? [] : [metadata.url];
    case 'revocation':
      return revocation === undefined ? [] : [revocation.url];
  }
}

type AddressMatcher = Readonly<Record<'host' | 'path', ReturnType<typeof compileMatcher>>>;

/** By template. The catalog's templates are few, and each request is matched against all of them. */
const matchers = new Map<string, AddressMatcher>();

function matcherOf(template: string): AddressMatcher {
  const known = matchers.get(template);
  if (known) return known;
  const { host, path } = splitAddress(template);
  const matcher = { host: compileMatcher(host, '[A-Za-z0-9-]+'), path: compileMatcher(path, '[^/]+') };
  matchers.set(template, matcher);
  return matcher;
}

function matchAddress(template: string, host: string, path: string): Values | undefined {
  const matcher = matcherOf(template);
  const inHost = matcher.host(host);
  if (inHost === undefined) return undefined;
  const inPath = matcher.path(path);
  if (inPath === undefined) return undefined;
  return mergeValues([...Object.entries(inHost), ...Object.entries(inPath)]);
}

function splitAddress(template: string): { readonly host: string; readonly path: string } {
  const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(template) ?? [];
  return { host, path: path === '' ? '/' : path };
}
