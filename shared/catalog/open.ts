import type { Provider } from './schema.ts';
import { fill, fillAll, placeholders } from './templates.ts';

type Values = Readonly<Record<string, string>>;

/** Headers that the client or the connection decides: a user's key is sent in none of them. */
const RESERVED_HEADERS =
  /^(host|content-length|content-type|transfer-encoding|connection|upgrade|te|trailer|accept-encoding|expect|proxy-.*)$/i;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const STATUSES = /^[1-5]\d\d( ?, ?[1-5]\d\d){0,19}$/;

/**
 * Completes the requests of an open entry by what a user entered: the address, the path of the probe, names of headers and
 * query parameters, statuses. Any other entry is returned as it is.
 *
 * Each address is `https`, at a name, at the standard port, without credentials, query and fragment. Where the name
 * leads is checked at each request: by `isPublicAddress`, for every address that it resolves to.
 *
 * @returns undefined where a value is missing or not allowed.
 */
export function completeRequests(provider: Provider, values: Values): Provider | undefined {
  if (!provider.open) return provider;
  const { probe, send, responseRules } = provider;
  const entered = address(provider.baseUrl, values);
  const path = probePath(probe.path, values);
  const headers = renamed(send.headers, values, isHeaderName);
  const query = renamed(send.query, values, (name) => name !== '');
  const rules = responseRules.map((rule) => withStatuses(rule, values));
  const isComplete = entered && path !== undefined && headers && query && !rules.includes(undefined);
  if (!isComplete) return undefined;
  return {
    ...provider,
    // Without a path of its own, the address is taken as it is.
    baseUrl: path === '' ? entered : entered.replace(/\/$/, ''),
    probe: { ...probe, path },
    send: { ...send, ...(send.headers && { headers }), ...(send.query && { query }) },
    responseRules: rules.flatMap((rule) => rule ?? []),
  };
}

/**
 * Completes the OAuth 2.0 of an open entry by what a user entered or was discovered: the endpoints, the scopes, the client
 * authentication, parameters. Any other entry is returned as it is.
 *
 * @returns undefined where a value is missing or not allowed, as in `completeRequests`.
 */
export function completeGrant(provider: Provider, values: Values): Provider | undefined {
  if (!provider.open || provider.oauth2 === undefined) return provider;
  const oauth2 = completeOAuth2(provider.oauth2, values);
  return oauth2 && { ...provider, oauth2 };
}

type OAuth2 = NonNullable<Provider['oauth2']>;

function completeOAuth2(oauth2: OAuth2, values: Values): OAuth2 | undefined {
  const { authorizeUrl, tokenUrl, scopes, token, authorizeParameters } = oauth2;
  const authorization = authorizeUrl === undefined ? '' : address(authorizeUrl, values);
  const tokens = address(tokenUrl, values);
  if (authorization === undefined || tokens === undefined) return undefined;
  const entered = (scopes.from && values[scopes.from]) || '';
  const method = token.clientAuthenticationFrom && values[token.clientAuthenticationFrom];
  return {
    ...oauth2,
    ...(authorizeUrl !== undefined && { authorizeUrl: authorization }),
    tokenUrl: tokens,
    scopes: { ...scopes, required: entered.split(/[\s,]+/).filter((scope) => scope !== '') },
    token: { ...token, ...(isMethod(method) && { clientAuthentication: method }) },
    authorizeParameters: fillAll(authorizeParameters, (field) => values[field]),
  };
}

function isMethod(text: string | undefined): text is OAuth2['token']['clientAuthentication'] {
  return text === 'basic' || text === 'body' || text === 'none';
}

/** Fills a template that is one whole address; undefined unless that is allowed. */
function address(template: string, values: Values): string | undefined {
  const [name] = placeholders(template);
  if (name === undefined) return template;
  return openAddress(values[name] ?? '');
}

/**
 * Returns an entered address in its normal form; undefined unless it is one that the open entries may have. Braces would be
 * a template's.
 */
export function openAddress(text: string): string | undefined {
  if (text.length > 400 || /[\s{}\\]/.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isPlain = [url.username, url.password, url.port, url.search].every((part) => part === '');
  return url.protocol === 'https:' && isPlain && !text.includes('#') ? url.href : undefined;
}

/** Returns an entered path, with its query moved out of the way of the parameters that carry credentials. */
function probePath(template: string, values: Values): string | undefined {
  const [name] = placeholders(template);
  if (name === undefined || template.startsWith('/')) return template;
  const path = values[name] ?? '';
  return /^\/(?!\/)[^\s{}\\#]{0,400}$/.test(path) ? path : undefined;
}

function isHeaderName(name: string): boolean {
  return HEADER_NAME.test(name) && !RESERVED_HEADERS.test(name);
}

/** Fills the names of headers or query parameters. */
function renamed(
  templates: Values = {},
  values: Values,
  isAllowed: (name: string) => boolean,
): Values | undefined {
  const entries = Object.entries(templates).map(([name, template]) => {
    const filled = placeholders(name).length === 0 ? name : (fill(name, (field) => values[field]) ?? '');
    return [filled, template] as const;
  });
  const isValid = entries.every(([name], at) => name === Object.keys(templates)[at] || isAllowed(name));
  return isValid ? Object.fromEntries(entries) : undefined;
}

type Rule = Provider['responseRules'][number];

/** Fills the statuses of a rule; those of the entry apply where the user entered none. */
function withStatuses(rule: Rule, values: Values): Rule | undefined {
  const entered = (rule.statusFrom && values[rule.statusFrom]) || undefined;
  if (entered === undefined) return rule;
  return STATUSES.test(entered) ? { ...rule, status: entered.split(',').map(Number) } : undefined;
}
