import { makeKeptSample, makeSample } from '../../shared/catalog/examples.ts';
import { builtInProviders } from '../../shared/catalog/index.ts';
import type { ProviderEntry } from '../../shared/catalog/schema.ts';
import { SandboxProvider } from './provider.ts';

/** Fields of a provider that the project does not have. */
const UNKNOWN_FIELDS = [{ name: 'token' }];

/**
 * Makes up credentials of a built-in provider, as a user enters them, for demo data and tests; the same for the same name.
 *
 * @param name letters, digits and hyphens, so that each test can have its own.
 */
export function sampleCredentials(providerId: string, name = 'one'): Readonly<Record<string, string>> {
  return makeSample(find(providerId)?.auth.fields ?? UNKNOWN_FIELDS, name);
}

/**
 * Makes up what requests to a built-in provider are made with: the credentials that a user enters; with OAuth 2.0 an access
 * token, and those values beside it that the request needs.
 */
export function sampleValues(providerId: string, name = 'one'): Readonly<Record<string, string>> {
  const entry = find(providerId);
  if (entry?.oauth2 === undefined) return sampleCredentials(providerId, name);
  // Entries that share a host have tokens of their own.
  const accessToken = { name: 'accessToken', sample: `sample-${providerId}-{name}` };
  const entered = makeSample([...entry.auth.fields, accessToken], name);
  const all = { ...makeKeptSample(entry.oauth2.keep, name, entered), ...entered };
  const needed = new SandboxProvider(entry).sources();
  return Object.fromEntries(Object.entries(all).filter(([key]) => needed.has(key)));
}

function find(providerId: string): ProviderEntry | undefined {
  return builtInProviders().find(({ entry }) => entry.id === providerId)?.entry;
}
