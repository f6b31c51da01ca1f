import type { Connection, Problem, paths as published } from './schema.ts';

/**
 * The OAuth2 operations until `openapi.json` has them. A key that the generated paths have wins over the one
 * here, so that after a regeneration this file can be deleted.
 */
interface AuthorizationPaths {
  '/v1/projects/{projectId}/connections/{connectionId}/authorize': Post<
    { projectId: string; connectionId: string },
    { returnTo: string; fields?: Record<string, string>; allowAccountChange?: boolean },
    { 201: StartedAuthorization }
  >;
  '/v1/projects/{projectId}/flows/{flowId}/integrations/{stepId}/authorize': Post<
    { projectId: string; flowId: string; stepId: string },
    { provider: string; returnTo: string; name?: string; fields?: Record<string, string> },
    { 201: StartedAuthorization }
  >;
  '/v1/projects/{projectId}/authorizations/{authorizationId}/complete': Post<
    { projectId: string; authorizationId: string },
    { completion: string },
    { 200: Connection; 201: Connection }
  >;
}

/** An authorization at a provider that was started; the browser is sent to its address. */
export interface StartedAuthorization {
  authorizationId: string;
  authorizationUrl: string;
  expiresAt: string;
}

interface Post<Path, Body, Responses> {
  parameters: { query?: never; header?: never; path: Path; cookie?: never };
  post: {
    parameters: { query?: never; header?: { 'Idempotency-Key'?: string }; path: Path; cookie?: never };
    requestBody: { content: { 'application/json': Body } };
    responses: {
      [Status in keyof Responses]: {
        headers: Record<string, unknown>;
        content: { 'application/json': Responses[Status] };
      };
    } & {
      default: { headers: Record<string, unknown>; content: { 'application/problem+json': Problem } };
    };
  };
}

/** Every path of the API, with its operations. */
export type ApiPaths = published & Omit<AuthorizationPaths, keyof published>;
