import type { ProviderMode } from '../data-folder.ts';
import { sampleCredentials } from '../sandbox/samples.ts';
import type { Session } from '../session.ts';
import { signedFetch } from '../signed-fetch.ts';
import { DEMO_PROJECT, USERS } from '../users.ts';
import { DEMO_FLOWS, type DemoStep, REVOKED } from './flows.ts';

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
  for (const { id, name, steps } of DEMO_FLOWS) {
    await call(session, 'PUT', `/flows/${id}`, { name });
    if (providers === 'real') continue;
    for (const step of steps) await configure(session, id, step, connectionIds);
  }
}

async function configure(
  session: Session,
  flowId: string,
  step: DemoStep,
  connectionIds: Map<string, string>,
) {
  const path = `/flows/${flowId}/integrations/${step.stepId}`;
  const known = connectionIds.get(step.connection);
  if (known) {
    await call(session, 'PUT', path, { provider: step.provider, connectionId: known });
    return;
  }
  const credentials = sampleCredentials(step.provider, `demo-${step.connection}`);
  const acceptedId = await acceptCredentials(session, {
    provider: step.provider,
    credentials,
    account: step.account,
  });
  const name = step.name === undefined ? {} : { name: step.name };
  const { id } = await call(session, 'PUT', path, { provider: step.provider, credentials, ...name });
  connectionIds.set(step.connection, id);
  if (step.connection !== REVOKED) return;
  await requireOk(
    await fetch(`${session.sandboxUrl}/_control/credentials/${acceptedId}`, { method: 'DELETE' }),
  );
  await call(session, 'POST', `/connections/${id}/check`);
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
