import { getClientMetadata } from '../../../shared/contract/http/authorizations.ts';
import {
  isDiscoveredClient,
  metadataUrlOf,
  redirectUriOf,
} from '../../../shared/domain/authorizations/addresses.ts';
import { providerNotFound } from '../../../shared/domain/model/provider.ts';
import { endpoint, ok } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { wiring } from '../../wiring/index.ts';

/** Authorization servers keep the document for a day: it never changes. */
const CACHE_HEADERS = { 'cache-control': 'public, max-age=86400' };

export const clientMetadata = endpoint(
  getClientMetadata,
  async ({ params: { client }, view: { apiUrl } }) => {
    if (!isDiscoveredClient(client)) throw providerNotFound();
    const document = {
      client_id: metadataUrlOf(client, apiUrl),
      client_name: 'Connections',
      redirect_uris: [redirectUriOf(client, apiUrl)],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none' as const,
      application_type: 'web' as const,
    };
    return { ...ok(document), headers: CACHE_HEADERS };
  },
);

export const handler = lambda(clientMetadata, wiring);
