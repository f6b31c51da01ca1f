import * as z from 'zod/mini';
import { VERIFICATION } from '../capabilities.ts';
import { route } from './route.ts';
import { connection } from './schemas/connection.ts';
import { described, name, named, plainText, time } from './schemas/primitives.ts';

const returnTo = described(
  plainText(2048),
  'Where the browser returns to, on an allowed origin, with `authorization` and `completion` or `error` added.',
);

const fields = described(
  z.optional(z.record(z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/)), plainText(400))),
  "The provider's fields (auth.fields of the provider) that must be known before the browser leaves.",
);

const startedAuthorization = named(
  'StartedAuthorization',
  z.strictObject({
    authorizationId: z.string(),
    authorizationUrl: described(z.url(), 'Send the browser here.'),
    redirectUri: described(
      z.url(),
      'Where the provider sends the browser back to. Register it with the OAuth client, where that is your own.',
    ),
    expiresAt: described(time, 'The end of the authorization: 15 minutes from its start.'),
  }),
  'An authorization at a provider that was started.',
);

/** Capabilities that start an authorization. */
const AUTHORIZATION_START = [
  'table:read',
  'authorizations:write',
  'oauth:clients',
  'oauth:discover',
  'tokens:seal',
  'catalog:entries',
] as const;

export const authorizeConnection = route('connections/authorize', {
  routeKey: 'POST /v1/projects/{projectId}/connections/{connectionId}/authorize',
  caller: { kind: 'user', action: 'connections.reconnect' },
  loads: 'connection',
  summary: 'Starts an authorization at the provider to reconnect a connection',
  capabilities: AUTHORIZATION_START,
  body: z.strictObject({ returnTo, fields, allowAccountChange: z.optional(z.boolean()) }),
  responses: { 201: startedAuthorization },
  errors: ['connection_not_found', 'provider_not_found', 'provider_not_configured', 'provider_unavailable'],
});

export const authorizeIntegration = route('integrations/authorize', {
  routeKey: 'POST /v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}/authorize',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: "Starts an authorization at a provider for a new connection of a flow's step",
  capabilities: AUTHORIZATION_START,
  body: z.strictObject({ provider: plainText(40), returnTo, fields, name: z.optional(name) }),
  responses: { 201: startedAuthorization },
  errors: ['flow_not_found', 'provider_not_configured', 'provider_unavailable'],
});

export const oauthCallback = route('oauth/callback', {
  routeKey: 'GET /v1/oauth/callback/{client}',
  caller: { kind: 'public' },
  summary: "Receives the browser from the provider and returns it to the platform's page",
  capabilities: ['authorizations:write', 'tokens:seal', 'catalog:entries'],
  query: described(
    z.catchall(z.object({}), z.string()),
    'The parameters of RFC 6749, section 4.1.2, and those that the provider adds.',
  ),
  responses: { 302: null, 400: z.string() },
  mediaType: 'text/html; charset=utf-8',
});

export const getClientMetadata = route('oauth/client-metadata', {
  routeKey: 'GET /v1/oauth/clients/{client}',
  caller: { kind: 'public' },
  summary: 'Gets the metadata of an OAuth client, which authorization servers read by its address',
  capabilities: [],
  responses: {
    200: named(
      'ClientMetadata',
      z.strictObject({
        client_id: z.url(),
        client_name: z.string(),
        redirect_uris: z.array(z.url()),
        grant_types: z.array(z.string()),
        response_types: z.array(z.string()),
        token_endpoint_auth_method: z.literal('none'),
        application_type: z.literal('web'),
      }),
      'OAuth Client ID Metadata Document: its address is the id of the client.',
    ),
  },
  errors: ['provider_not_found'],
});

export const completeAuthorization = route('authorizations/complete', {
  routeKey: 'POST /v1/projects/{projectId}/authorizations/{authorizationId}/complete',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: 'Completes an authorization: exchanges the code, verifies the grant and commits the connection',
  capabilities: ['table:read', 'table:write', 'authorizations:write', 'catalog:summaries', ...VERIFICATION],
  body: z.strictObject({ completion: plainText(128) }),
  etag: 'version',
  responses: { 200: connection, 201: connection },
  errors: [
    'authorization_not_found',
    'authorization_used',
    'authorization_expired',
    'connection_not_found',
    'flow_not_found',
    'provider_not_found',
    'provider_not_configured',
    'reconnect_in_progress',
    'account_mismatch',
    'credentials_rejected',
    'scopes_missing',
    'provider_unavailable',
  ],
});
