import { compareProviders } from '../shared/catalog/order.ts';
import type { ProviderEntry } from '../shared/catalog/schema.ts';

const BEGIN = '<!-- begin of the table that npm run provider:table writes -->';
const END = '<!-- end of the table -->';

/**
 * Replaces the table between the two comments of a page.
 *
 * @throws Error for a page without them.
 */
export function withTable(page: string, table: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('The page has no place for the table.');
  return `${before}${BEGIN}\n\n${table}\n\n${END}${after}`;
}

const AUTH: Readonly<Record<ProviderEntry['auth']['type'], string>> = {
  api_key: 'API key',
  basic: 'basic',
  custom: 'several values',
  oauth2: 'OAuth 2.0',
  oauth2_client_credentials: "OAuth 2.0, a project's client",
  service_account: 'service account',
};

const CADENCE: Readonly<Record<ProviderEntry['cadence'], string>> = {
  hour: 'hour',
  six_hours: '6 hours',
  day: 'day',
};

/** Returns a table in Markdown with a row for each provider, in the order of the list; the formatter aligns its columns. */
export function providerTable(entries: readonly ProviderEntry[]): string {
  const rows = [...entries]
    .sort(compareProviders)
    .map((entry) => [
      `[${entry.name}](${entry.docsUrl})`,
      `\`${entry.id}\``,
      AUTH[entry.auth.type],
      CADENCE[entry.cadence],
      verificationOf(entry),
      expiryOf(entry),
    ]);
  const header = ['provider', 'id', 'authentication', 'checked every', 'verification reads', 'expires'];
  const table = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [first = [], ...others] = table;
  return [line(first), line(header.map(() => '---')), ...others.map(line)].join('\n');
}

function verificationOf({ baseUrl, probe, account }: ProviderEntry): string {
  const request = `\`${probe.method} ${probe.path || baseUrl}\``;
  return account === null ? `${request}, no account` : request;
}

function expiryOf({ auth, expiry, oauth2, responseRules }: ProviderEntry): string {
  const isNamed = responseRules.some(({ outcome }) => outcome === 'credentials_expired');
  const parts = [
    ...(expiry ? ['the end is read'] : []),
    ...(!expiry && auth.type !== 'oauth2' && isNamed ? ['where the service says so'] : []),
    ...refreshOf(oauth2),
  ];
  return parts.join('; ') || '-';
}

function refreshOf(oauth2: ProviderEntry['oauth2']): string[] {
  if (oauth2 === undefined) return [];
  const { refresh, longLived, token } = oauth2;
  return [
    ...(longLived ? ['long-lived token'] : []),
    ...(refresh?.unusedDays === undefined ? [] : [`unused for ${refresh.unusedDays} days`]),
    ...(refresh?.maxDays === undefined ? [] : [`after ${refresh.maxDays} days`]),
    ...(refresh?.seconds === undefined ? [] : ['the end is read']),
    ...(refresh?.rotation === 'each' ? ['replaced by each refresh'] : []),
    ...(token.accessTokenSeconds === null ? ['tokens do not end'] : []),
  ];
}
