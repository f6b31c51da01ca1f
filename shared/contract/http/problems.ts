import type { ErrorCode } from '../../domain/errors.ts';
import { isIdempotent, isInProject, isLimited, noBody, type Route } from './route.ts';

/** HTTP status and title of every error code: the only place that maps errors to HTTP. */
export const PROBLEMS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_cursor: { status: 400, title: 'Invalid cursor' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  project_not_found: { status: 404, title: 'Project not found' },
  connection_not_found: { status: 404, title: 'Connection not found' },
  flow_not_found: { status: 404, title: 'Flow not found' },
  integration_not_found: { status: 404, title: 'Integration not found' },
  provider_not_found: { status: 404, title: 'Provider not found' },
  authorization_not_found: { status: 404, title: 'Authorization not found' },
  deletion_not_found: { status: 404, title: 'Deletion not found' },
  route_not_found: { status: 404, title: 'Route not found' },
  account_mismatch: { status: 409, title: 'Another account' },
  provider_not_configured: { status: 409, title: 'Provider not configured' },
  authorization_used: { status: 409, title: 'Authorization used' },
  authorization_required: { status: 409, title: 'Authorization required' },
  connection_inactive: { status: 409, title: 'Connection inactive' },
  project_not_restorable: { status: 409, title: 'Project not restorable' },
  provider_mismatch: { status: 409, title: 'Another provider' },
  reconnect_in_progress: { status: 409, title: 'Reconnect in progress' },
  request_in_progress: { status: 409, title: 'Request in progress' },
  authorization_expired: { status: 410, title: 'Authorization expired' },
  version_conflict: { status: 412, title: 'Version conflict' },
  payload_too_large: { status: 413, title: 'Payload too large' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'Headers too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  credentials_rejected: { status: 422, title: 'Credentials rejected' },
  scopes_missing: { status: 422, title: 'Scopes missing' },
  idempotency_key_reused: { status: 422, title: 'Idempotency key reused' },
  internal_error: { status: 500, title: 'Internal error' },
  busy: { status: 503, title: 'Busy' },
  provider_unavailable: { status: 503, title: 'Provider unavailable' },
};

/** Returns every error code of a route: those that it declares, and those that follow from the declaration. */
export function codesOf(route: Route): readonly ErrorCode[] {
  const { caller } = route;
  // API Gateway refuses headers above 10,240 bytes and bodies above 10 MB of every route.
  const implied: ErrorCode[] = [
    'invalid_request',
    'payload_too_large',
    'headers_too_large',
    'internal_error',
  ];
  // Every capability but the catalog's reaches a service that can throttle.
  if (route.capabilities.some((capability) => !capability.startsWith('catalog:'))) implied.push('busy');
  if (caller.kind === 'user') implied.push('unauthenticated');
  if (caller.kind === 'engine') implied.push('forbidden');
  if ('action' in caller) implied.push('forbidden');
  if (isInProject(caller)) implied.push('project_not_found');
  if (isLimited(route)) implied.push('too_many_requests');
  if (route.body !== noBody) implied.push('unsupported_media_type');
  if (route.ifMatch) implied.push('version_conflict');
  if (isIdempotent(route)) implied.push('idempotency_key_reused', 'request_in_progress');
  return [...new Set([...implied, ...route.errors])];
}
