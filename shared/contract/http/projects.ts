import * as z from 'zod/mini';
import { route } from './route.ts';
import { named, role } from './schemas/primitives.ts';
import { projectDeletion } from './schemas/project.ts';

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
  caller: { kind: 'engine', scope: 'deleted' },
  summary: 'Removes a user from a project',
  capabilities: ['members:write'],
  responses: { 204: null },
});

export const deleteProject = route('projects/remove', {
  routeKey: 'DELETE /v1/runtime/projects/{projectId}',
  caller: { kind: 'engine', scope: 'deleted' },
  summary:
    'Deletes a project, which can be restored for 7 days; every other request to it is refused at once',
  capabilities: ['deletions:write'],
  responses: { 202: projectDeletion },
  errors: ['project_not_found'],
});

export const getProjectDeletion = route('projects/get-deletion', {
  routeKey: 'GET /v1/runtime/projects/{projectId}/deletion',
  caller: { kind: 'engine', scope: 'deleted' },
  summary: 'Shows how far the deletion of a project is',
  capabilities: ['table:read'],
  responses: { 200: projectDeletion },
  errors: ['deletion_not_found'],
});

export const restoreProject = route('projects/restore', {
  routeKey: 'POST /v1/runtime/projects/{projectId}/restore',
  caller: { kind: 'engine', scope: 'deleted' },
  summary: 'Restores a deleted project within its recovery window',
  capabilities: ['deletions:write'],
  responses: { 202: projectDeletion },
  errors: ['deletion_not_found', 'project_not_restorable'],
});
