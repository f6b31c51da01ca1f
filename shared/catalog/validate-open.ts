import type { EntryIssue, ProviderEntry } from './schema.ts';
import { placeholders } from './templates.ts';

/** Lists templates that only open entries may have: whole addresses, and names. */
export function openTemplates({
  baseUrl,
  probe,
  expiry,
  send,
  oauth2,
  responseRules,
}: ProviderEntry): readonly (readonly [path: string, template: string])[] {
  const isWhole = (template: string) => /^\{\w+\}$/.test(template);
  const named = (path: string, name: string | undefined): [string, string][] =>
    name === undefined ? [] : [[path, `{${name}}`]];
  const parameters = oauth2?.authorizeParameters ?? {};
  const addresses: [path: string, template: string | undefined][] = [
    ['baseUrl', baseUrl],
    ['probe.path', probe.path],
    ['expiry.request.path', expiry?.request?.path],
    ['oauth2.authorizeUrl', oauth2?.authorizeUrl],
    ['oauth2.tokenUrl', oauth2?.tokenUrl],
    ['oauth2.metadata.url', oauth2?.metadata?.url],
    ['oauth2.revocation.url', oauth2?.revocation?.url],
    ['oauth2.longLived.exchange.url', oauth2?.longLived?.exchange.url],
    ['oauth2.longLived.refresh.url', oauth2?.longLived?.refresh?.url],
    ...Object.keys(send.headers ?? {}).map((name): [string, string] => ['send.headers', name]),
    ...Object.keys(send.query ?? {}).map((name): [string, string] => ['send.query', name]),
  ];
  return [
    ...addresses.flatMap(([path, template]): [string, string][] =>
      template !== undefined && isWhole(template) ? [[path, template]] : [],
    ),
    ...(probe.path === '' ? [['probe.path', ''] as [string, string]] : []),
    ...named('oauth2.discovery.from', oauth2?.discovery?.from),
    ...named('oauth2.scopes.from', oauth2?.scopes.from),
    ...named('oauth2.token.clientAuthenticationFrom', oauth2?.token.clientAuthenticationFrom),
    ...Object.entries(parameters).flatMap(([name, template]): [string, string][] =>
      placeholders(template).length > 0 ? [[`oauth2.authorizeParameters.${name}`, template]] : [],
    ),
    ...responseRules.flatMap(({ statusFrom }, at) => named(`responseRules.${at}.statusFrom`, statusFrom)),
  ];
}

/** Values that a discovery gives, besides secrets. */
export const DISCOVERED: readonly string[] = [
  'authorizeUrl',
  'tokenUrl',
  'scopes',
  'resource',
  'clientId',
  'clientAuthentication',
];

/** Checks that an entry whose user names the service says so, and that what names it is shown again and required. */
export function openIssues(entry: ProviderEntry): EntryIssue[] {
  const templates = openTemplates(entry);
  if (!entry.open) {
    return templates.map(([path, template]) => ({
      path,
      message: `${template || 'none'} is of open entries only`,
    }));
  }
  const { auth, baseUrl, oauth2, probe } = entry;
  const discovered = oauth2?.discovery ? DISCOVERED : [];
  const known = [...auth.fields.map(({ name }) => name), ...discovered];
  const addresses = [baseUrl, probe.path, oauth2?.authorizeUrl, oauth2?.tokenUrl];
  const naming = addresses.flatMap((template) => placeholders(template ?? ''));
  return [
    ...(/^\{\w+\}$/.test(baseUrl)
      ? []
      : [{ path: 'open', message: 'needs an address that the user enters' }]),
    ...templates.flatMap(([path, template]) =>
      placeholders(template)
        .filter((name) => !known.includes(name))
        .map((name) => ({ path, message: `{${name}} is no field` })),
    ),
    ...auth.fields
      .filter(({ name, secret, required }) => naming.includes(name) && (secret || !required))
      .map(({ name }) => ({
        path: 'auth.fields',
        message: `the field ${name} must be required and not secret`,
      })),
  ];
}
