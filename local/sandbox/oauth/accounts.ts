import { createHash } from 'node:crypto';
import { makeKeptSample, renderExample } from '../../../shared/catalog/examples.ts';
import { parseResponse, readAccount } from '../../../shared/catalog/responses.ts';
import { compileMatcher } from '../../../shared/catalog/templates.ts';
import { withGeneratedAccount } from '../account.ts';
import { RATE_LIMIT_SECONDS } from '../faults.ts';
import type { Grant } from './grants.ts';
import type { OAuthProvider } from './provider.ts';

type Account = Grant['account'];
type Fields = Readonly<Record<string, string>>;

const ACCOUNTS = ['one', 'two'];

/**
 * Makes up the accounts that a consent page offers, in the form that the entry reads. Entries of one OAuth client and
 * the same readings, such as those of Google, have the same accounts.
 */
export function offeredAccounts(provider: OAuthProvider, fields: Fields): Account[] {
  return ACCOUNTS.map((name) => makeAccount(provider, fields, `${provider.oauth2.client} ${name}`));
}

/** Makes up an account in the form that the entry reads: the same for the same seed. */
export function makeAccount(provider: OAuthProvider, given: Fields, seed: string): Account {
  const { entry, sandbox } = provider;
  const fields = { ...madeUpValues(provider, seed, given), ...given };
  const documented = renderExample(sandbox.example('ok'), {
    fields,
    scopes: [],
    expiresAt: null,
    retryAfterSeconds: RATE_LIMIT_SECONDS,
    now: new Date(),
  });
  const response = withGeneratedAccount(entry, documented, digest(seed), fields);
  const read = readAccount(entry, parseResponse(response), fields);
  const name = digest(seed).slice(0, 6);
  return read ?? { id: `account-${name}`, label: `Account ${name}` };
}

/** Makes up the values that the entry's `keep` reads: the same for the same account, but what is of the request. */
export function keptValues(
  provider: OAuthProvider,
  account: Account,
  fields: Fields,
  redirectUri: string,
): Fields {
  const { entry, oauth2 } = provider;
  const madeUp = madeUpValues(provider, `${oauth2.client} ${account.id}`, fields);
  // Some of them may identify the account.
  const named = compileMatcher(entry.account?.id ?? '')(account.id) ?? {};
  const values = Object.entries(madeUp).map(([name, value]) => [
    name,
    oauth2.keep?.[name]?.read === 'request.redirect_uri' ? redirectUri : (named[`field.${name}`] ?? value),
  ]);
  return Object.fromEntries(values);
}

function madeUpValues({ oauth2 }: OAuthProvider, seed: string, fields: Fields): Fields {
  return makeKeptSample(oauth2.keep, `sample-${digest(seed).slice(0, 6)}`, fields);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
