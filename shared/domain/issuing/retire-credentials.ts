import type { Provider } from '../../catalog/schema.ts';
import type { Credentials } from '../credentials/credentials.ts';
import type { OAuthPorts } from '../credentials/oauth.ts';
import {
  type CredentialReader,
  type CredentialRemover,
  type CredentialsVersion,
  retireEverywhere,
} from '../credentials/store.ts';
import { openAccessToken, requireParty } from '../credentials/tokens.ts';
import { DomainError, retryLater } from '../errors.ts';
import type { FindConnectionPort, SealedAccessToken } from '../model/connection.ts';
import type { ProviderPort } from '../model/provider.ts';
import { addSeconds, type OperationContext } from '../operation-context.ts';

/** Credentials that serve no more: of a connection that was disconnected, reconnected, or moved to another store. */
export interface ReplacedCredentials extends CredentialsVersion {
  readonly providerId: string;
  readonly accessToken: SealedAccessToken | null;
  /** The version that serves instead: another one, or the same one in another store; null after a disconnect. */
  readonly successor: CredentialsVersion | null;
  /** Time at which they stopped serving. */
  readonly at: Date;
}

export type RetirePorts = OAuthPorts &
  ProviderPort &
  FindConnectionPort &
  Pick<OperationContext, 'clock'> & {
    readonly credentials: Pick<CredentialReader, 'readIfKept'> & CredentialRemover;
  };

/** Outcome, at the provider, for the grant of replaced credentials. */
export type Revocation = 'none' | 'revoked' | 'given_up';

/** Time for which a failing revocation is tried again before the credentials are deleted all the same. */
const REPEATED_SECONDS = 15 * 60;

/**
 * Revokes the grant of credentials that serve no more, where the provider has an endpoint for it, and schedules the
 * deletion of credentials that were disconnected, or moved to another store. May be repeated.
 *
 * @throws DomainError `provider_unavailable` when the revocation should be tried again.
 */
export async function retireCredentials(
  replaced: ReplacedCredentials,
  ports: RetirePorts,
): Promise<Revocation> {
  const { successor } = replaced;
  if (successor && successor.store !== replaced.store) {
    await retireMoved(replaced, ports);
    return 'none';
  }
  const revocation = await revokeGrant(replaced, ports);
  if (!successor) await retireEverywhere(replaced, ports.credentials);
  return revocation;
}

/** A record that arrives late must not retire credentials that were moved back meanwhile. */
async function retireMoved(replaced: ReplacedCredentials, ports: RetirePorts): Promise<void> {
  const current = await ports.connections.find(replaced);
  if (current?.credentialStore !== replaced.store) await ports.credentials.retire(replaced);
}

async function revokeGrant(replaced: ReplacedCredentials, ports: RetirePorts): Promise<Revocation> {
  const provider = ports.catalog.get(replaced.providerId);
  // One revocation may end all grants of the user and the client; others may still need theirs: docs/decisions/0024.
  if (provider?.oauth2?.revocation?.ends !== 'grant') return 'none';
  const { successor } = replaced;
  const stored = await ports.credentials.readIfKept(replaced);
  if (!stored) return 'none';
  const newer = successor && (await ports.credentials.readIfKept(successor));
  if (newer && isSameGrant(stored, newer)) return 'none';
  const outcome = await send(provider, stored, replaced, ports);
  if (outcome !== 'failed') return outcome;
  const repeatedUntil = addSeconds(replaced.at, REPEATED_SECONDS);
  if (ports.clock.now() >= repeatedUntil) return 'given_up';
  throw retryLater('provider_unavailable', `${provider.name} revokes no grants just now.`, 60);
}

/** Some providers issue the same tokens again when a user authorizes them twice. */
function isSameGrant(one: Credentials, other: Credentials): boolean {
  const [before, after] = [one.reveal(), other.reveal()];
  return before.refreshToken === after.refreshToken && before.accessToken === after.accessToken;
}

async function send(
  provider: Provider,
  stored: Credentials,
  { accessToken: sealed, ...owner }: ReplacedCredentials,
  ports: RetirePorts,
): Promise<'none' | 'revoked' | 'failed'> {
  const fields = stored.reveal();
  const opened = sealed && (await openAccessToken(sealed, owner, ports));
  const { refreshToken } = fields;
  const accessToken = opened?.accessToken ?? fields.accessToken;
  try {
    const party = await requireParty(provider, fields, ports);
    return (await ports.oauthProvider.revoke(party, { accessToken, refreshToken })) ? 'revoked' : 'failed';
  } catch (error) {
    // Without its OAuth client, the platform can revoke nothing.
    if (error instanceof DomainError && error.code === 'provider_not_configured') return 'none';
    throw error;
  }
}
