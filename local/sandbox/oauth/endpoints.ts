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

/** Finds the endpoint at an address; undefined where no entry has one. */
export function matchEndpoint(
  { host, path }: { readonly host: string; readonly path: string },
  providers: readonly OAuthProvider[],
): MatchedEndpoint | undefined {
  for (const kind of KINDS) {
    const matches = providers.flatMap((provider) => {
      for (const template of addressesOf(provider.oauth2, kind)) {
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

function addressesOf(
  { authorizeUrl, tokenUrl, longLived, metadata, revocation }: OAuth2,
  kind: EndpointKind,
): readonly string[] {
  switch (kind) {
    case 'authorize':
      return authorizeUrl === undefined ? [] : [authorizeUrl];
    case 'token':
      return [tokenUrl, longLived?.exchange.url, longLived?.refresh?.url].filter((url) => url !== undefined);
    case 'metadata':
      return metadata === undefined ? [] : [metadata.url];
    case 'revocation':
      return revocation === undefined ? [] : [revocation.url];
  }
}

function matchAddress(template: string, host: string, path: string): Values | undefined {
  const parts = splitAddress(template);
  const inHost = compileMatcher(parts.host, '[A-Za-z0-9-]+')(host);
  const inPath = compileMatcher(parts.path, '[^/]+')(path);
  if (inHost === undefined || inPath === undefined) return undefined;
  return mergeValues([...Object.entries(inHost), ...Object.entries(inPath)]);
}

function splitAddress(template: string): { readonly host: string; readonly path: string } {
  const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(template) ?? [];
  return { host, path: path === '' ? '/' : path };
}
