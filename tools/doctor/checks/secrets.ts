import { oauthClientsPrefix } from '../../../infra/naming.ts';
import { keyringOf } from '../../../shared/adapters/aws/secrets/keyring.ts';
import { oauthClientReader } from '../../../shared/adapters/aws/secrets/oauth-clients.ts';
import { providersWith } from '../../../shared/catalog/index.ts';
import { type DeployedStage, resourcesOf } from '../deployed-stage.ts';
import { type Finding, problem, warning } from '../finding.ts';

/** Logical ids of the keyrings in the data stack. */
const KEYRING = /^(DataKey|CredentialsKey)/;
/** Names in a line. */
const NAMES = 8;

/** Checks that both keyrings can be read, as functions read them, and have a key that seals. */
export async function checkKeyrings(stage: DeployedStage): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { physicalId, logicalId } of resourcesOf(stage, 'AWS::SecretsManager::Secret')) {
    if (!KEYRING.test(logicalId)) continue;
    try {
      await keyringOf(stage.clients.secretsManager, physicalId).current();
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown error';
      const page = 'docs/operations.md#rotate-data-keys';
      findings.push(problem(`the keyring ${logicalId} cannot be read (${reason})`, page));
    }
  }
  return findings;
}

/**
 * Checks the OAuth clients that the providers of a stage use, its own ones too. A missing one is no problem in itself: users
 * of the platform cannot connect its services.
 */
export async function checkOAuthClients({
  name,
  settings,
  clients,
}: DeployedStage): Promise<readonly Finding[]> {
  const { providersFolder } = settings ?? {};
  const providers = providersWith(providersFolder === undefined ? [] : [providersFolder]);
  const used = providers.flatMap(({ entry }) => entry.oauth2?.client ?? []);
  const reader = oauthClientReader(clients.secretsManager, oauthClientsPrefix({ stage: name }));
  const missing: string[] = [];
  const findings: Finding[] = [];
  const put = `npm run oauth-client -- put <client> --stage ${name} --client-id <id>`;
  for (const client of new Set(used)) {
    try {
      if (!(await reader.find(client))) missing.push(client);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown error';
      findings.push(problem(`the OAuth client ${client} cannot be read (${reason})`, put));
    }
  }
  if (missing.length === 0) return findings;
  const text = `users cannot connect the services of ${missing.length} OAuth clients without secret (${shortened(missing)})`;
  return [...findings, warning(text, put)];
}

function shortened(names: readonly string[]): string {
  const more = names.length - NAMES;
  return more > 0 ? `${names.slice(0, NAMES).join(', ')} and ${more} more` : names.join(', ');
}
