import { describe, expect, test } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import type { Provider } from '../../../shared/catalog/schema.ts';
import { issuedFields } from '../../../shared/domain/issuing/issue-credentials.ts';

function provider(id: string): Provider {
  const found = catalog.get(id);
  if (!found) throw new Error(`The catalog has no ${id}.`);
  return found;
}

describe('the engine is issued', () => {
  test('the fields of a provider whose credentials are entered', () => {
    expect(issuedFields(provider('trello'))).toEqual(['apiKey', 'token']);
  });

  test('the access token of a provider that is authorized, and what requests need beside it', () => {
    const { oauth2, ...calendar } = provider('google-calendar');
    const keeping: Provider = {
      ...calendar,
      auth: {
        type: 'oauth2',
        fields: [{ name: 'shop', label: 'Shop', secret: false, required: true }],
      },
      ...(oauth2 && { oauth2: { ...oauth2, keep: { instanceUrl: { read: 'token.instance_url' } } } }),
    };
    expect(issuedFields(keeping)).toEqual(['accessToken', 'tokenType', 'shop', 'instanceUrl']);
  });

  test.each(['oauth2_client_credentials', 'service_account'] as const)(
    'no secret that obtains access tokens: %s',
    (type) => {
      const fields = [
        { name: 'clientSecret', label: 'Client secret', secret: true, required: true },
        { name: 'region', label: 'Region', secret: false, required: true },
      ];
      expect(issuedFields({ ...provider('trello'), auth: { type, fields } })).toEqual([
        'accessToken',
        'tokenType',
        'region',
      ]);
    },
  );
});
