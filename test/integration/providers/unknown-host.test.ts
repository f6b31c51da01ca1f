import { describe, expect, test } from 'vitest';
import { sampleCredentials } from '../../../local/sandbox/samples.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { verifyOrThrow } from '../../../shared/domain/credentials/accept.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

/** What a person is told of credentials whose provider's name cannot be resolved, for that reason. */
async function toldOf(providerId: string, code: string): Promise<unknown> {
  const provider = catalog.get(providerId);
  if (!provider) throw new Error(`The catalogue has no ${providerId}.`);
  const resolve = () => Promise.reject(Object.assign(new Error(code), { code }));
  const fields = sampleCredentials(providerId);
  const verified = verifyOrThrow(
    provider,
    { credentials: new Credentials(fields) },
    createVerifier({ resolve }),
  );
  const error: unknown = await verified.catch((reason: unknown) => reason);
  for (const value of Object.values(fields)) expect(String(error)).not.toContain(value);
  return error;
}

const withHost = catalog.list().filter(({ baseUrl }) => baseUrl.includes('{'));

describe('a host that does not exist', () => {
  test.each(withHost.map(({ id }) => id))('is said to, where its name was typed: %s', async (id) => {
    expect(await toldOf(id, 'ENOTFOUND')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be found'),
    });
  });

  test('is an outage, where everybody has the same', async () => {
    expect(await toldOf('trello', 'ENOTFOUND')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be asked just now'),
    });
  });

  test('is not meant by a resolver in trouble', async () => {
    expect(await toldOf('shopify', 'EAI_AGAIN')).toMatchObject({
      code: 'provider_unavailable',
      message: expect.stringContaining('could not be asked just now'),
    });
  });
});
