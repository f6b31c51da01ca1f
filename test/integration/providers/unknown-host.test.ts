import { describe, expect, test } from 'vitest';
import { sampleValues } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { builtInProviders, catalog } from '../../../shared/catalog/index.ts';
import { verifyOrThrow } from '../../../shared/domain/credentials/accept.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

/** Verifies credentials of a provider whose name resolves with this error, and returns the API's error. */
async function errorFor(providerId: string, code: string): Promise<unknown> {
  const provider = catalog.get(providerId);
  if (!provider) throw new Error(`The catalog has no ${providerId}.`);
  const resolve = () => Promise.reject(Object.assign(new Error(code), { code }));
  const fields = sampleValues(providerId);
  const verified = verifyOrThrow(
    provider,
    { credentials: new Credentials(fields) },
    { verifier: createVerifier({ resolve }) },
  );
  const error: unknown = await verified.catch((reason: unknown) => reason);
  for (const value of Object.values(fields)) expect(String(error)).not.toContain(value);
  return error;
}

const withTypedHost = builtInProviders().filter(({ entry }) => entry.baseUrl.includes('{'));

describe('a host that does not exist', () => {
  test.each(withTypedHost.map(({ entry }) => entry.id))(
    'is named as the cause where it was typed: %s',
    async (id) => {
      expect(await errorFor(id, 'ENOTFOUND')).toMatchObject({
        code: 'provider_unavailable',
        message: expect.stringContaining('could not be found'),
      });
    },
  );

  test('is an outage, where it is the same for everybody', async () => {
    expect(await errorFor('trello', 'ENOTFOUND')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be reached just now'),
    });
  });

  test('is not the cause where the resolver fails', async () => {
    expect(await errorFor('shopify', 'EAI_AGAIN')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be reached just now'),
    });
  });
});
