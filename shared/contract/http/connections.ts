import * as z from 'zod/mini';
import { EXPIRING_DAYS } from '../../domain/model/expiry.ts';
import { STATUSES } from '../../domain/terms.ts';
import { route } from './route.ts';
import { checked, connection, connectionPage, historyPage } from './schemas/connection.ts';
import { credentials, credentialsEnd } from './schemas/credentials.ts';
import { cursor, described, limit, name, plainText, projectId, providerId } from './schemas/primitives.ts';

/** Accepts any text as the connection's id: an id that cannot exist is 404 like any unknown one. */
const params = z.strictObject({
  projectId,
  connectionId: described(plainText(128), 'The id of the connection.'),
});

// The calls are marked pure, so that a bundle keeps the route of its own function alone.

export const listConnections = /* @__PURE__ */ route({
  entry: 'connections/list',
  method: 'GET',
  path: '/v1/projects/{projectId}/connections',
  caller: { kind: 'user', action: 'project.view' },
  summary: "Lists, searches, filters and sorts a project's connections",
  capabilities: ['table:read', 'catalog:summaries'],
  params: z.strictObject({ projectId }),
  query: z.strictObject({
    status: described(z.optional(z.enum(STATUSES)), 'Default: both.'),
    q: z.optional(
      plainText(128).check(
        z.describe(
          'A part of the name, without regard to case or accents. In a large project, a page may then hold fewer than `limit` items, or none, and have a nextCursor.',
        ),
      ),
    ),
    provider: z.optional(providerId),
    expiring: described(
      z.optional(z.literal('true')),
      `Only active ones whose credentials end within ${EXPIRING_DAYS} days.`,
    ),
    sort: z._default(z.enum(['connectedAt', 'name']), 'connectedAt'),
    order: described(
      z.optional(z.enum(['asc', 'desc'])),
      'Default: newest first by connectedAt, A to Z by name.',
    ),
    limit,
    cursor,
  }),
  responses: { 200: connectionPage },
  errors: ['invalid_cursor'],
});

export const getConnection = /* @__PURE__ */ route({
  entry: 'connections/get',
  method: 'GET',
  path: '/v1/projects/{projectId}/connections/{connectionId}',
  caller: { kind: 'user', action: 'project.view' },
  summary: 'Gets a connection',
  capabilities: ['table:read', 'catalog:summaries'],
  params,
  etag: 'version',
  responses: { 200: connection },
  errors: ['connection_not_found'],
});

export const renameConnection = /* @__PURE__ */ route({
  entry: 'connections/rename',
  method: 'PATCH',
  path: '/v1/projects/{projectId}/connections/{connectionId}',
  caller: { kind: 'user', action: 'connections.rename' },
  summary: 'Renames a connection',
  capabilities: ['table:read', 'table:write', 'catalog:summaries'],
  params,
  body: z.strictObject({ name }),
  ifMatch: true,
  etag: 'version',
  responses: { 200: connection },
  errors: ['connection_not_found'],
});

export const reconnectConnection = /* @__PURE__ */ route({
  entry: 'connections/reconnect',
  method: 'POST',
  path: '/v1/projects/{projectId}/connections/{connectionId}/reconnect',
  caller: { kind: 'user', action: 'connections.reconnect' },
  summary: "Replaces a connection's credentials once the provider accepts the new ones",
  capabilities: [
    'table:read',
    'table:write',
    'credentials:write',
    'providers:call',
    'oauth:clients',
    'oauth:call',
    'tokens:seal',
    'catalog:summaries',
    'catalog:entries',
  ],
  params,
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

export const checkConnection = /* @__PURE__ */ route({
  entry: 'connections/check',
  method: 'POST',
  path: '/v1/projects/{projectId}/connections/{connectionId}/check',
  caller: { kind: 'user', action: 'connections.check' },
  summary: 'Checks a connection with its provider now',
  capabilities: [
    'table:read',
    'table:write',
    'credentials:read',
    'credentials:write',
    'providers:call',
    'oauth:clients',
    'oauth:call',
    'tokens:seal',
    'catalog:summaries',
    'catalog:entries',
  ],
  params,
  responses: { 200: checked },
  errors: ['connection_not_found', 'provider_not_found'],
});

export const listConnectionHistory = /* @__PURE__ */ route({
  entry: 'connections/history',
  method: 'GET',
  path: '/v1/projects/{projectId}/connections/{connectionId}/history',
  caller: { kind: 'user', action: 'project.view' },
  summary: "Lists a connection's history, newest first; also after it was disconnected",
  capabilities: ['table:read'],
  params,
  query: z.strictObject({ limit, cursor }),
  responses: { 200: historyPage },
  errors: ['connection_not_found', 'invalid_cursor'],
});
