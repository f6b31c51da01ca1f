import type { ProviderMode } from '../data-folder.ts';
import { sampleCredentials } from '../sandbox/samples.ts';
import type { Session } from '../session.ts';
import { signedFetch } from '../signed-fetch.ts';
import { DEMO_PROJECT, USERS } from '../users.ts';
import { DEMO_ACCOUNTS, DEMO_FLOWS, DEMO_NAMES, REVOKED } from './flows.ts';

/**
 * Fills the demo project through the API, as a platform does: members by the engine's routes, flows and their
 * integrations as an administrator. With real providers it makes flows without integrations, since it has no
 * credentials for them.
 */
export async function fillDemo(session: Session, providers: ProviderMode): Promise<void> {
  for (const role of ['administrator', 'member'] as const) {
    const path = `/v1/runtime/projects/${DEMO_PROJECT}/members/${USERS[role].id}`;
    await requireOk(await signedFetch(session, 'PUT', path, { role }));
  }
  const connectionIds = new Map<string, string>();
  for (const { id: flowId, name, steps } of DEMO_FLOWS) {
    await call(session, 'PUT', `/flows/${flowId}`, { name });
    if (providers === 'real') continue;
    for (const [stepId, provider] of Object.entries(steps)) {
      const path = `/flows/${flowId}/integrations/${stepId}`;
      const connectionId = connectionIds.get(provider);
      if (connectionId) await call(session, 'PUT', path, { provider, connectionId });
      else connectionIds.set(provider, await connect(session, path, provider));
    }
  }
}

/** Makes a step's connection, and returns its id. */
async function connect(session: Session, path: string, provider: string): Promise<string> {
  const [account, name] = [DEMO_ACCOUNTS[provider], DEMO_NAMES[provider]];
  const credentials = sampleCredentials(provider, `demo-${provider}`);
  const acceptedId = await acceptCredentials(session, { provider, credentials, account });
  const { id } = await call(session, 'PUT', path, { provider, credentials, ...(name && { name }) });
  if (provider === REVOKED) {
    await requireOk(
      await fetch(`${session.sandboxUrl}/_control/credentials/${acceptedId}`, { method: 'DELETE' }),
    );
    await call(session, 'POST', `/connections/${id}/check`);
  }
  return id;
}

/** Makes the sandbox accept credentials; returns the id that revokes them. */
async function acceptCredentials({ sandboxUrl }: Session, credentials: unknown): Promise<string> {
  const response = await fetch(`${sandboxUrl}/_control/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  return idIn(await requireOk(response));
}

async function call(session: Session, method: string, path: string, body?: unknown): Promise<{ id: string }> {
  const response = await fetch(`${session.apiUrl}/v1/projects/${DEMO_PROJECT}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${session.tokens.administrator}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { id: idIn(await requireOk(response)) };
}

async function requireOk(response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`Demo data: ${response.url} responded ${response.status}.`);
  return response.status === 204 ? null : response.json();
}

function idIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : '';
}
