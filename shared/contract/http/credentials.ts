import * as z from 'zod/mini';
import { CHECK, VERIFICATION } from '../capabilities.ts';
import { route } from './route.ts';
import { checked, connection } from './schemas/connection.ts';
import { credentials, credentialsEnd } from './schemas/credentials.ts';
import { described } from './schemas/primitives.ts';

/** The routes that verify a connection's credentials with the provider: new ones, and those that serve. */

export const reconnectConnection = route('connections/reconnect', {
  routeKey: 'POST /v1/projects/{projectId}/connections/{connectionId}/reconnect',
  caller: { kind: 'user', action: 'connections.reconnect' },
  loads: 'connection',
  summary: "Replaces a connection's credentials once the provider accepts the new ones",
  capabilities: ['table:read', 'table:write', 'catalog:summaries', ...VERIFICATION],
  body: z.strictObject({
    credentials,
    expiresAt: credentialsEnd,
    allowAccountChange: described(
      z.optional(z.boolean()),
      'Accepts credentials of another account than before, which is 409 account_mismatch otherwise.',
    ),
  }),
  ifMatch: true,
  etag: 'version',
  responses: { 200: connection },
  errors: [
    'connection_not_found',
    'authorization_required',
    'provider_not_found',
    'reconnect_in_progress',
    'account_mismatch',
    'credentials_rejected',
    'provider_unavailable',
  ],
});

export const checkConnection = route('connections/check', {
  routeKey: 'POST /v1/projects/{projectId}/connections/{connectionId}/check',
  caller: { kind: 'user', action: 'connections.check' },
  loads: 'connection',
  summary: 'Checks a connection with its provider now',
  capabilities: ['catalog:summaries', ...CHECK],
  responses: { 200: checked },
  errors: ['connection_not_found', 'provider_not_found'],
});
