import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { ProviderResponse } from '../../../shared/catalog/responses.ts';
import type { SandboxRequest } from '../request.ts';
import { jsonResponse } from '../respond.ts';

const STAND_IN = /^[a-z0-9-]+\.service\.example$/;
const RESOURCE = '/.well-known/oauth-protected-resource';

const registration = z.object({
  redirect_uris: z.array(z.url()).check(z.minLength(1)),
  token_endpoint_auth_method: z.optional(z.enum(['none', 'client_secret_basic', 'client_secret_post'])),
});

/**
 * Responds to the discovery of a stand-in's authorization server: metadata of the resource (RFC 9728) and of the server
 * (RFC 8414), and the registration of a client (RFC 7591). Undefined for any other request.
 */
export function respondToDiscovery(request: SandboxRequest, body: string): ProviderResponse | undefined {
  const { host, path, method } = request;
  if (!STAND_IN.test(host)) return undefined;
  const origin = `https://${host}`;
  if (method === 'GET' && path.startsWith(`${RESOURCE}/`)) {
    const resource = `${origin}${path.slice(RESOURCE.length)}`;
    return jsonResponse(200, { resource, authorization_servers: [origin], scopes_supported: ['tools'] });
  }
  if (method === 'GET' && path === '/.well-known/oauth-authorization-server') {
    return jsonResponse(200, {
      issuer: origin,
      authorization_endpoint: `${origin}/oauth/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      registration_endpoint: `${origin}/oauth/register`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    });
  }
  return method === 'POST' && path === '/oauth/register' ? register(body) : undefined;
}

/** Any client is registered: grants belong to the id that they were made for. */
function register(body: string): ProviderResponse {
  const parsed = registration.safeParse(parseJson(body));
  if (!parsed.success) return jsonResponse(400, { error: 'invalid_client_metadata' });
  const { redirect_uris, token_endpoint_auth_method = 'client_secret_basic' } = parsed.data;
  const secret =
    token_endpoint_auth_method === 'none' ? {} : { client_secret: `sample-secret-${randomUUID()}` };
  return jsonResponse(201, {
    client_id: `sample-client-${randomUUID()}`,
    ...secret,
    redirect_uris,
    token_endpoint_auth_method,
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
