import * as z from 'zod/mini';
import { TOKEN_REQUESTS } from '../capabilities.ts';
import { route } from './route.ts';
import { issuedCredentials } from './schemas/credentials.ts';
import { plainText } from './schemas/primitives.ts';

export const issueCredentials = route('engine/issue-credentials', {
  routeKey: 'POST /v1/runtime/projects/{projectId}/connections/{connectionId}/credentials',
  caller: { kind: 'engine' },
  loads: 'connection',
  summary: 'Issues the credentials of an active connection',
  capabilities: ['table:read', 'table:write', 'credentials:read', 'credentials:write', ...TOKEN_REQUESTS],
  body: z.optional(
    z.strictObject({
      minValiditySeconds: z.optional(
        z
          .int()
          .check(
            z.gte(0),
            z.lte(3_600),
            z.describe('Seconds for which an access token must be valid. Default: 300.'),
          ),
      ),
    }),
  ),
  secretResponses: true,
  responses: { 200: issuedCredentials },
  errors: ['connection_not_found', 'connection_inactive', 'provider_not_configured', 'provider_unavailable'],
});

export const reportFailure = route('engine/report-failure', {
  routeKey: 'POST /v1/runtime/projects/{projectId}/connections/{connectionId}/failures',
  caller: { kind: 'engine' },
  loads: 'connection',
  summary: 'Reports that the provider refused the engine; the connection is checked at once',
  capabilities: ['table:read', 'table:write', 'checks:enqueue'],
  body: z.strictObject({
    status: z
      .int()
      .check(z.gte(100), z.lte(599), z.describe("The HTTP status of the provider's response. It is logged.")),
    message: z.optional(
      plainText(1000).check(z.describe("The provider's message, without credentials. It is not stored.")),
    ),
  }),
  responses: { 202: null },
  errors: ['connection_not_found'],
});
