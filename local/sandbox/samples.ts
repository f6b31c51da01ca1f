import { makeSample } from '../../shared/catalog/examples.ts';
import { builtInProviders } from '../../shared/catalog/index.ts';

/** Fields of a provider that the project does not have. */
const UNKNOWN_FIELDS = [{ name: 'token' }];

/**
 * Makes up credentials of a built-in provider, for demo data and tests; the same for the same name.
 *
 * @param name letters, digits and hyphens, so that each test can have its own.
 */
export function sampleCredentials(providerId: string, name = 'one'): Readonly<Record<string, string>> {
  const provider = builtInProviders().find(({ entry }) => entry.id === providerId);
  return makeSample(provider?.entry.auth.fields ?? UNKNOWN_FIELDS, name);
}
