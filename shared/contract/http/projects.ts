import * as z from 'zod/mini';
import { route } from './route.ts';
import { named, role } from './schemas/primitives.ts';

export const listProjects = route('projects/list', {
  routeKey: 'GET /v1/projects',
  caller: { kind: 'user', scope: 'self' },
  summary: "Lists the caller's projects",
  capabilities: ['table:read'],
  responses: {
    200: named(
      'ProjectList',
      z.strictObject({ items: z.array(z.strictObject({ projectId: z.string(), role })) }),
      "The caller's projects and their role in each.",
    ),
  },
});

export const putMember = route('members/put', {
  routeKey: 'PUT /v1/runtime/projects/{projectId}/members/{userId}',
  caller: { kind: 'engine' },
  summary: 'Sets the role of a user in a project',
  capabilities: ['members:write'],
  body: z.strictObject({ role }),
  responses: { 204: null },
});

export const removeMember = route('members/remove', {
  routeKey: 'DELETE /v1/runtime/projects/{projectId}/members/{userId}',
  caller: { kind: 'engine' },
  summary: 'Removes a user from a project',
  capabilities: ['members:write'],
  responses: { 204: null },
});
