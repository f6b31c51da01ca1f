import { dataFiles } from '../../local/data-files.ts';
import { SECRETS_PREFIX } from '../../local/environment.ts';
import { AcceptedCredentials, type NewCredentials } from '../../local/sandbox/accepted.ts';
import type { StoredConnection } from '../../shared/domain/connections/stored.ts';
import type { GiveCredentials } from './fill.ts';
import type { OpenTable } from './open.ts';
import { seededCredentials, storeSecrets } from './secrets.ts';

/**
 * Gives seeded connections secrets, and has the sandbox accept those of the active ones. A real service is never
 * shown what was made up, so that there is nothing to give.
 */
export function credentialGiver(
  dataDir: string,
  { providers, sandboxUrl }: Pick<OpenTable, 'providers' | 'sandboxUrl'>,
): GiveCredentials {
  if (providers === 'real') return () => Promise.resolve();
  const { secrets, sandbox } = dataFiles(dataDir, providers);
  return async (connections) => {
    storeSecrets({ file: secrets, prefix: SECRETS_PREFIX }, connections);
    const accepted = connections.filter(({ connection }) => connection.status === 'active').map(acceptance);
    if (sandboxUrl) await acceptRunning(sandboxUrl, accepted);
    else new AcceptedCredentials(sandbox).acceptAll(accepted);
  };
}

/** What the sandbox accepts of a connection; its end, where it has one, is its administrator's word. */
export function acceptance(stored: StoredConnection): NewCredentials {
  const { providerId: provider, account } = stored.connection;
  return { provider, fields: seededCredentials(stored), account, expiresAt: null, scopes: [] };
}

async function acceptRunning(url: string, accepted: readonly NewCredentials[]): Promise<void> {
  const response = await fetch(`${url}/_control/credential-lists`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      accepted.map(({ provider, fields, account }) => ({
        provider,
        credentials: fields,
        ...(account && { account }),
      })),
    ),
  });
  if (!response.ok) throw new Error(`The sandbox answered ${response.status} to the credentials.`);
}
