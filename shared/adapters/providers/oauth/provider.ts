import { completeGrant } from '../../../catalog/open.ts';
import type { OAuthParty, OAuthProvider } from '../../../domain/credentials/oauth.ts';
import { requireOAuth2 } from '../../../domain/credentials/tokens.ts';
import type { Clock } from '../../../domain/operation-context.ts';
import { type ClientOptions, createClient } from '../client.ts';
import { createCooldown } from './cooldown.ts';
import { exchangeCode, refresh, useClientCredentials, useOwnGrant, useServiceAccount } from './grants.ts';
import { revoke } from './revocation.ts';
import { createTokenEndpoint, type ObtainTokens } from './token-endpoint.ts';

/** Deadline of one call to an OAuth 2.0 endpoint: a refresh makes two within its lease of 20 s. */
const TIMEOUT_MS = 8_000;

export interface OAuthProviderOptions extends ClientOptions {
  /** Milliseconds for a whole call; 8000 when left out. */
  readonly timeoutMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Creates the caller of providers' OAuth 2.0 endpoints. The library `oauth4webapi` speaks the protocol. Its requests and
 * responses pass through `token-endpoint.ts`, where a provider's deviations, as its entry describes them, are normalized.
 */
export function createOAuthProvider(options: OAuthProviderOptions = {}): OAuthProvider {
  const { timeoutMs = TIMEOUT_MS, clock = { now: () => new Date() } } = options;
  const client = createClient(options);
  const call = createTokenEndpoint({ client, timeoutMs, clock, cooldown: createCooldown(clock) });
  return {
    async exchangeCode(given, grant) {
      const party = completed(given);
      if (party === undefined) return INCOMPLETE;
      const { longLived } = requireOAuth2(party.provider);
      const { callback, redirectUri } = grant;
      return call(party, { callback, redirectUri }, async (open) => {
        const tokens = await exchangeCode(open(), grant);
        if (!longLived) return tokens;
        const { access_token: accessToken } = tokens;
        return useOwnGrant(open(longLived.exchange), longLived.exchange, { ...party, accessToken });
      });
    },
    async renew(given) {
      const party = completed(given);
      return party ? call(party, { isRepeatable: true }, renewalOf(party, clock)) : INCOMPLETE;
    },
    revoke: (party, tokens) => revoke(party, tokens, { client, timeoutMs }),
  };
}

const INCOMPLETE = { outcome: 'misconfigured', error: 'incomplete_address' } as const;

/** Returns a party whose entry is complete; undefined where a value is not allowed. */
function completed(party: OAuthParty): OAuthParty | undefined {
  const provider = completeGrant(party.provider, party.fields);
  return provider && { ...party, provider };
}

/** Returns how a provider issues tokens without the user. */
function renewalOf(party: OAuthParty, clock: Clock): ObtainTokens {
  const { auth } = party.provider;
  if (auth.type === 'oauth2_client_credentials') return (open) => useClientCredentials(open(), party);
  if (auth.type === 'service_account') return (open) => useServiceAccount(open(), party, clock);
  const own = requireOAuth2(party.provider).longLived?.refresh;
  if (!own) return (open) => refresh(open(), party);
  const { refreshToken: accessToken = '' } = party.fields;
  return (open) => useOwnGrant(open(own), own, { ...party, accessToken });
}
