import * as z from 'zod/mini';
import { VERIFICATION } from '../capabilities.ts';
import { route } from './route.ts';
import { connection } from './schemas/connection.ts';
import { flow, flowPage, integrationBody } from './schemas/flow.ts';
import { cursor, described, limit, name, plainText } from './schemas/primitives.ts';

export const listFlows = route('flows/list', {
  routeKey: 'GET /v1/projects/{projectId}/flows',
  caller: { kind: 'user', action: 'project.view' },
  summary: "Lists a project's flows, or those that use one connection",
  capabilities: ['table:read'],
  query: z.strictObject({
    connectionId: described(z.optional(plainText(128)), 'Only flows that use this connection.'),
    limit,
    cursor,
  }),
  responses: { 200: flowPage },
  errors: ['connection_not_found', 'invalid_cursor'],
});

export const saveFlow = route('flows/save', {
  routeKey: 'PUT /v1/projects/{projectId}/flows/{flowId}',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: 'Registers a flow, or renames it',
  capabilities: ['table:read', 'table:write'],
  body: z.strictObject({ name }),
  responses: { 200: flow },
});

export const removeFlow = route('flows/remove', {
  routeKey: 'DELETE /v1/projects/{projectId}/flows/{flowId}',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: 'Removes a flow with all its integrations',
  capabilities: ['table:read', 'table:write'],
  responses: { 204: null },
  errors: ['flow_not_found'],
});

export const configureIntegration = route('integrations/configure', {
  routeKey: 'PUT /v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: "Gives a flow's step a new connection (201) or an existing one (200)",
  capabilities: ['table:read', 'table:write', 'catalog:summaries', ...VERIFICATION],
  body: integrationBody,
  etag: 'version',
  responses: { 200: connection, 201: connection },
  errors: [
    'flow_not_found',
    'connection_not_found',
    'provider_mismatch',
    'authorization_required',
    'credentials_rejected',
    'provider_unavailable',
  ],
});

export const removeIntegration = route('integrations/remove', {
  routeKey: 'DELETE /v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}',
  caller: { kind: 'user', action: 'integrations.configure' },
  summary: "Removes a step's integration; a connection's last use disconnects it",
  capabilities: ['table:read', 'table:write'],
  ifMatch: true,
  responses: { 204: null },
  errors: ['flow_not_found', 'integration_not_found'],
});
