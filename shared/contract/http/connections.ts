import * as z from 'zod/mini';
import { EXPIRING_DAYS } from '../../domain/model/expiry.ts';
import { STATUSES } from '../../domain/terms.ts';
import { route } from './route.ts';
import { connection, connectionPage, historyPage } from './schemas/connection.ts';
import { cursor, described, limit, name, plainText, providerId } from './schemas/primitives.ts';

// The calls are marked pure, so that a bundle keeps the route of its own function alone.

export const listConnections = /* @__PURE__ */ route('connections/list', {
  routeKey: 'GET /v1/projects/{projectId}/connections',
  caller: { kind: 'user', action: 'project.view' },
  concurrentAuthorization: true,
  summary: "Lists, searches, filters and sorts a project's connections",
  capabilities: ['table:read', 'catalog:summaries'],
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

export const getConnection = /* @__PURE__ */ route('connections/get', {
  routeKey: 'GET /v1/projects/{projectId}/connections/{connectionId}',
  caller: { kind: 'user', action: 'project.view' },
  loads: 'connection',
  concurrentAuthorization: true,
  summary: 'Gets a connection',
  capabilities: ['table:read', 'catalog:summaries'],
  etag: 'version',
  responses: { 200: connection },
  errors: ['connection_not_found'],
});

export const renameConnection = /* @__PURE__ */ route('connections/rename', {
  routeKey: 'PATCH /v1/projects/{projectId}/connections/{connectionId}',
  caller: { kind: 'user', action: 'connections.rename' },
  loads: 'connection',
  summary: 'Renames a connection',
  capabilities: ['table:read', 'table:write', 'catalog:summaries'],
  body: z.strictObject({ name }),
  ifMatch: true,
  etag: 'version',
  responses: { 200: connection },
  errors: ['connection_not_found'],
});

export const listConnectionHistory = /* @__PURE__ */ route('connections/history', {
  routeKey: 'GET /v1/projects/{projectId}/connections/{connectionId}/history',
  caller: { kind: 'user', action: 'project.view' },
  concurrentAuthorization: true,
  summary: "Lists a connection's history, newest first; also after it was disconnected",
  capabilities: ['table:read'],
  query: z.strictObject({ limit, cursor }),
  responses: { 200: historyPage },
  errors: ['connection_not_found', 'invalid_cursor'],
});
