import * as z from 'zod/mini';
import type { ProviderResponse } from '../../shared/catalog/responses.ts';
import { withParsedBody } from './control-body.ts';
import type { NewCredentials } from './credentials.ts';
import { faultMode } from './faults.ts';
import { controlOAuth } from './oauth/control.ts';
import type { SandboxRequest } from './request.ts';
import { jsonResponse, type SandboxState } from './respond.ts';

const text = z.string().check(z.minLength(1), z.maxLength(200));
const newCredentials = z.strictObject({
  provider: z.string(),
  credentials: z.record(z.string(), z.string()),
  account: z.optional(z.strictObject({ id: text, label: text })),
  expiresAt: z.optional(z.nullable(z.iso.datetime({ offset: true }))),
  scopes: z.optional(z.array(text)),
});
const fault = z.strictObject({ mode: faultMode });

/** Responds to a request below `/_control`; undefined for a route that does not exist. */
export function control(
  request: SandboxRequest,
  body: string,
  state: SandboxState,
): ProviderResponse | undefined {
  const [resource, id, ...rest] = request.path.split('/').slice(2).map(decodeURIComponent);
  const route = `${request.method} ${resource}${id === undefined ? '' : '/:id'}`;
  if (rest.length > 0) return undefined;
  const hasProvider = (provider: string) => state.providers.some(({ entry }) => entry.id === provider);
  const issuable = newCredentials.check(
    z.refine(({ provider }) => hasProvider(provider), { path: ['provider'], error: 'is not in the sandbox' }),
  );
  switch (route) {
    case 'POST credentials':
      return withParsedBody(issuable, body, (given) => {
        const [id] = state.credentials.issue([toNewCredentials(given, state)]);
        return jsonResponse(201, { id });
      });
    case 'POST credential-lists':
      return withParsedBody(z.array(issuable), body, (given) =>
        jsonResponse(201, {
          ids: state.credentials.issue(given.map((each) => toNewCredentials(each, state))),
        }),
      );
    case 'DELETE credentials/:id':
      return state.credentials.revoke(id ?? '')
        ? { status: 204, headers: {}, body: '' }
        : jsonResponse(404, { error: 'no such credentials' });
    case 'PUT faults/:id':
      return withParsedBody(fault, body, ({ mode }) => {
        if (!hasProvider(id ?? '')) return jsonResponse(404, { error: 'no such provider' });
        state.faults.set(id ?? '', mode);
        return jsonResponse(200, { provider: id, mode });
      });
    case 'PUT faults':
      return withParsedBody(fault, body, ({ mode }) => {
        for (const { entry } of state.providers) state.faults.set(entry.id, mode);
        return jsonResponse(200, { mode });
      });
    case 'GET requests':
      return jsonResponse(200, { items: state.requests.list(request.query.get('provider')) });
    default:
      return controlOAuth(route, id ?? '', request, body, state.oauth);
  }
}

function toNewCredentials(
  given: z.infer<typeof newCredentials>,
  { providers }: SandboxState,
): NewCredentials {
  const { provider, credentials, account = null, scopes = [] } = given;
  const fields = providers.find(({ entry }) => entry.id === provider)?.carried(credentials) ?? credentials;
  const expiresAt = given.expiresAt ? new Date(given.expiresAt).toISOString() : null;
  return { provider, fields, account, expiresAt, scopes };
}
