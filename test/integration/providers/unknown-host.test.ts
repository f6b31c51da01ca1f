import { describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { verifyOrThrow } from '../../../shared/domain/credentials/accept.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

/** Returns the error of credentials whose provider's host cannot be resolved, for a reason. */
async function errorOf(providerId: string, code: string): Promise<unknown> {
  const provider = catalog.get(providerId);
  if (!provider) throw new Error(`The catalog has no ${providerId}.`);
  const resolve = () => Promise.reject(Object.assign(new Error(code), { code }));
  const fields = sampleCredentials(providerId);
  const candidate = { credentials: new Credentials(fields) };
  const verified = verifyOrThrow(provider, candidate, { verifier: createVerifier({ resolve }) });
  const error: unknown = await verified.catch((reason: unknown) => reason);
  for (const value of Object.values(fields)) expect(String(error)).not.toContain(value);
  return error;
}

const withHost = catalog.list().filter(({ baseUrl }) => baseUrl.includes('{'));

describe('a host that does not exist', () => {
  test.each(withHost.map(({ id }) => id))('is reported if the credentials name it: %s', async (id) => {
    expect(await errorOf(id, 'ENOTFOUND')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be found'),
    });
  });

  test('is an outage if all connections have the same', async () => {
    expect(await errorOf('trello', 'ENOTFOUND')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be reached just now'),
    });
  });

  test('is distinct from a failing resolver', async () => {
    expect(await errorOf('shopify', 'EAI_AGAIN')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be reached just now'),
    });
  });
});
