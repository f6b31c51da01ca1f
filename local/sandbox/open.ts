import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { compileMatcher, placeholders } from '../../shared/catalog/templates.ts';
import { type CredentialRegistry, HOST } from './credentials.ts';
import { basicOf, type MatchedRequest, type SandboxRequest } from './request.ts';

type Values = Readonly<Record<string, string>>;

/** Hosts that always stand in for services that a user names; others do once credentials were issued for them. */
const STAND_INS = '.service.example';

/** Returns true for a host that stands in for a service that a user names. */
export function isStandIn(host: string, credentials: CredentialRegistry): boolean {
  return host.endsWith(STAND_INS) || credentials.hasHost(host);
}

/**
 * Matches a request to a service that a user named: any host is one. What it carries is read by the entry's templates. A
 * header or a parameter whose name the user enters may be any of the request's.
 */
export function matchOpen(entry: ProviderEntry, request: SandboxRequest): readonly MatchedRequest[] {
  const documented = documentedBy(entry, request);
  const host = { [HOST]: request.host };
  const parts = partsIn(entry, request);
  const received = parts.map((values) => ({
    documented,
    credentials: values && { ...host, ...values },
  }));
  return received.length > 0 ? received : [{ documented, credentials: undefined }];
}

function documentedBy(
  { probe }: ProviderEntry,
  { method, path }: SandboxRequest,
): MatchedRequest['documented'] {
  // A path that the entry names follows any address; one that the user enters may be any.
  if (method !== probe.method || (probe.path.startsWith('/') && !path.endsWith(probe.path))) return undefined;
  return { kind: 'probe', method, path: probe.path, match: () => ({}) };
}

/** Returns what the request may carry: one set of values, or one for each header or parameter with an entered name. */
function partsIn({ send }: ProviderEntry, request: SandboxRequest): readonly (Values | undefined)[] {
  if (send.basic !== undefined) {
    const basic = basicOf(request);
    const [username = '', password = ''] = [send.basic.username, send.basic.password].flatMap(placeholders);
    return [basic && { [username]: basic.username, [password]: basic.password }];
  }
  const named = (templates: Values | undefined, present: Iterable<readonly [string, string]>) =>
    Object.entries(templates ?? {}).flatMap(([name, template]) => {
      const match = compileMatcher(template);
      const [entered] = placeholders(name);
      return [...present]
        .filter(([actual]) => entered !== undefined || actual === name)
        .flatMap(([actual, value]): Values[] => {
          const values = match(value);
          return values === undefined
            ? []
            : [{ ...values, ...(entered && { [entered]: actual.toLowerCase() }) }];
        });
    });
  const parts = [
    ...named(send.headers, Object.entries(request.headers)),
    ...named(send.query, request.query),
  ];
  return send.headers === undefined && send.query === undefined ? [{}] : parts;
}

/** Returns what a request with these credentials carries: the host of the address, and the values in headers and query. */
export function carriedByOpen({ baseUrl, send, auth, oauth2 }: ProviderEntry, credentials: Values): Values {
  // A project's own client obtains access tokens, which requests carry instead.
  if (oauth2 !== undefined && credentials.accessToken === undefined) {
    const { clientId = '', clientSecret = '' } = credentials;
    return { clientId, clientSecret };
  }
  const [address = ''] = placeholders(baseUrl);
  const url = credentials[address] ?? '';
  const templates = [...Object.entries(send.headers ?? {}), ...Object.entries(send.query ?? {})];
  const names = new Set(templates.flatMap(([name]) => placeholders(name)));
  const sent = new Set([...templates.flat(), ...Object.values(send.basic ?? {})].flatMap(placeholders));
  const values = [...auth.fields.map(({ name }) => name), 'accessToken'].flatMap((name) => {
    const value = credentials[name];
    if (value === undefined || !sent.has(name)) return [];
    return [[name, names.has(name) ? value.toLowerCase() : value] as const];
  });
  return { [HOST]: URL.canParse(url) ? new URL(url).host : url, ...Object.fromEntries(values) };
}
