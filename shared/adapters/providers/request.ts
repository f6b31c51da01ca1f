import type { Provider } from '../../catalog/schema.ts';
import { fill, placeholders } from '../../catalog/templates.ts';
import { ProviderError, type ProviderRequest } from './client.ts';

type Values = Readonly<Record<string, string>>;

/** Single DNS label (RFC 1123): a value can name a site, but never another domain. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Some services refuse requests without one (Resend: https://resend.com/docs/api-reference/introduction). */
const USER_AGENT = 'connections/1.0';

/**
 * Builds one of the provider's documented requests, with the credentials in the places that its entry names.
 *
 * @throws ProviderError `blocked_address` when the values do not match the provider's fields.
 */
export function buildRequest(
  provider: Provider,
  credentials: Values,
  documented: Provider['probe'],
): ProviderRequest {
  const values = { ...credentials, ...derive(provider, credentials) };
  for (const { name, pattern } of provider.auth.fields) {
    const value = credentials[name];
    if (value && pattern !== undefined && !new RegExp(pattern, 'v').test(value)) {
      throw new ProviderError('blocked_address');
    }
  }
  const headers = {
    accept: 'application/json',
    'user-agent': USER_AGENT,
    ...documented.headers,
    ...withCredentials(provider.send.headers, provider, values),
    ...basicAuthentication(provider, values),
    ...contentHeaders(documented),
  };
  if (!Object.values(headers).every((value) => PRINTABLE.test(value))) {
    throw new ProviderError('blocked_address');
  }
  return {
    method: documented.method,
    url: toUrl(provider, values, documented),
    headers,
    ...(documented.body === undefined ? {} : { body: JSON.stringify(documented.body) }),
  };
}

function derive(provider: Provider, credentials: Values): Values {
  const derived = Object.entries(provider.derived ?? {}).map(([name, { from, pattern }]) => [
    name,
    new RegExp(pattern, 'v').exec(credentials[from] ?? '')?.[1] ?? '',
  ]);
  return Object.fromEntries(derived);
}

function toUrl(provider: Provider, values: Values, documented: Provider['probe']): URL {
  // A part that the entry's own pattern cuts out may be several labels, such as a sandbox of Salesforce.
  const isDerived = (name: string) => Object.hasOwn(provider.derived ?? {}, name);
  const url = fillAddress(`${provider.baseUrl}${documented.path}`, values, isDerived);
  if (url === undefined) throw new ProviderError('blocked_address');
  const query = { ...documented.query, ...withCredentials(provider.send.query, provider, values) };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/**
 * Fills the templates of an address; undefined where a value is missing, or does not fit its place: a label left of the
 * provider's domain in the host, one part in the path.
 *
 * @param mayBeLabels returns true for a value that may be several labels.
 */
export function fillAddress(
  template: string,
  values: Values,
  mayBeLabels: (name: string) => boolean = () => false,
): URL | undefined {
  const [, origin = '', path = ''] = /^(https:\/\/[^/]+)(.*)$/.exec(template) ?? [];
  const host = fill(origin, (name) => {
    const labels = mayBeLabels(name) ? (values[name] ?? '').split('.') : [values[name] ?? ''];
    return labels.every((label) => LABEL.test(label)) ? values[name] : undefined;
  });
  const filled = fill(path, (name) => encodePathPart(values[name]));
  // An empty host is a template that nothing completed.
  return !host || filled === undefined ? undefined : new URL(`${host}${filled}`);
}

/** Leaves a colon as it is, which RFC 3986 section 3.3 allows in a path and some services insist on. */
function encodePathPart(value: string | undefined): string | undefined {
  if (value === undefined || /^\.*$/.test(value)) return undefined;
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

function basicAuthentication({ send }: Provider, values: Values): Values {
  if (send.basic === undefined) return {};
  const username = fillOrThrow(send.basic.username, (name) => values[name]);
  const password = fillOrThrow(send.basic.password, (name) => values[name]);
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function contentHeaders({ method, body }: Provider['probe']): Values {
  if (method === 'GET') return {};
  if (body === undefined) return { 'content-length': '0' };
  const length = Buffer.byteLength(JSON.stringify(body));
  return { 'content-type': 'application/json', 'content-length': String(length) };
}

/** Fills the headers or query parameters that carry credentials; omits those of an empty optional field. */
function withCredentials(templates: Values | undefined, { auth }: Provider, values: Values): Values {
  const empty = new Set(
    auth.fields.filter(({ name, required }) => !required && !values[name]).map(({ name }) => name),
  );
  const filled = Object.entries(templates ?? {})
    .filter(([, template]) => !placeholders(template).some((name) => empty.has(name)))
    .map(([name, template]) => [name, fillOrThrow(template, (field) => values[field])]);
  return Object.fromEntries(filled);
}

function fillOrThrow(template: string, lookUp: (name: string) => string | undefined): string {
  const filled = fill(template, lookUp);
  if (filled === undefined) throw new ProviderError('blocked_address');
  return filled;
}
