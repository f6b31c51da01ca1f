import type { Provider } from '../../catalog/schema.ts';
import { fill, placeholders } from '../../catalog/templates.ts';
import type { ProviderRequest } from './client.ts';
import { ProviderError } from './error.ts';

type Values = Readonly<Record<string, string>>;

/** A single DNS label (RFC 1123), so that a value can name a site but never another domain. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const PRINTABLE = /^[\x20-\x7e]*$/;

/** Some services refuse requests without one (Resend: https://resend.com/docs/api-reference/introduction). */
const USER_AGENT = 'connections/1.0';

/**
 * One of the provider's documented requests, with the credentials where the provider wants them.
 *
 * @throws ProviderFault `blocked_address` when the values do not fit the provider's fields; nothing is sent.
 */
export function buildRequest(
  provider: Provider,
  credentials: Values,
  which: Provider['probe'],
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
    ...which.headers,
    ...sent(provider.send.headers, provider, values),
    ...basic(provider, values),
    ...contentHeaders(which),
  };
  if (!Object.values(headers).every((value) => PRINTABLE.test(value)))
    throw new ProviderError('blocked_address');
  return {
    method: which.method,
    url: urlOf(provider, values, which),
    headers,
    ...(which.body === undefined ? {} : { body: JSON.stringify(which.body) }),
  };
}

function derive(provider: Provider, credentials: Values): Values {
  const derived = Object.entries(provider.derived ?? {}).map(([name, { from, pattern }]) => [
    name,
    new RegExp(pattern, 'v').exec(credentials[from] ?? '')?.[1] ?? '',
  ]);
  return Object.fromEntries(derived);
}

function urlOf(provider: Provider, values: Values, which: Provider['probe']): URL {
  const base = required(provider.baseUrl, (name) => {
    const label = values[name] ?? '';
    return LABEL.test(label) ? label : undefined;
  });
  const path = required(which.path, (name) => encodePathPart(values[name]));
  const url = new URL(`${base}${path}`);
  const query = { ...which.query, ...sent(provider.send.query, provider, values) };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** A colon may stand as it is in a path (RFC 3986 section 3.3), and some services insist on it. */
function encodePathPart(value: string | undefined): string | undefined {
  if (value === undefined || /^\.*$/.test(value)) return undefined;
  return encodeURIComponent(value).replaceAll('%3A', ':');
}

function basic({ send }: Provider, values: Values): Values {
  if (send.basic === undefined) return {};
  const username = required(send.basic.username, (name) => values[name]);
  const password = required(send.basic.password, (name) => values[name]);
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

function contentHeaders({ method, body }: Provider['probe']): Values {
  if (method === 'GET') return {};
  if (body === undefined) return { 'content-length': '0' };
  const length = Buffer.byteLength(JSON.stringify(body));
  return { 'content-type': 'application/json', 'content-length': String(length) };
}

/** The headers or the query that carry credentials, without those of an optional field that was left empty. */
function sent(templates: Values | undefined, { auth }: Provider, values: Values): Values {
  const empty = new Set(auth.fields.filter((field) => !field.required && !values[field.name]).map(nameOf));
  const told = Object.entries(templates ?? {}).filter(
    ([, template]) => !placeholders(template).some((name) => empty.has(name)),
  );
  return Object.fromEntries(
    told.map(([name, template]) => [name, required(template, (field) => values[field])]),
  );
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function required(template: string, lookUp: (name: string) => string | undefined): string {
  const filled = fill(template, lookUp);
  if (filled === undefined) throw new ProviderError('blocked_address');
  return filled;
}
