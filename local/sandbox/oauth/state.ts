import type { CredentialRegistry } from '../credentials.ts';
import type { SandboxProvider } from '../provider.ts';
import type { RequestLog } from '../request-log.ts';
import { GrantRegistry } from './grants.ts';
import { type OAuthProvider, oauthProviders } from './provider.ts';
import type { NextConsent, TokenSettings } from './settings.ts';

/** State of the sandbox's authorization servers. */
export interface OAuthState {
  readonly providers: readonly OAuthProvider[];
  readonly grants: GrantRegistry;
  /** Credentials that projects enter, which a control issued. */
  readonly credentials: CredentialRegistry;
  /** Decision on the next authorization request, by provider. */
  readonly consents: Map<string, NextConsent>;
  readonly settings: Map<string, TokenSettings>;
  readonly requests: RequestLog;
}

/**
 * Loads the grants of the sandbox's authorization servers, from a file beside that of the credentials; without one, grants live in memory.
 *
 * @throws Error when the file holds anything else.
 */
export function openOAuthState(
  providers: readonly SandboxProvider[],
  { requests, credentials }: Pick<OAuthState, 'requests' | 'credentials'>,
  credentialsFile: string | undefined,
): OAuthState {
  return {
    providers: oauthProviders(providers),
    credentials,
    grants: new GrantRegistry(credentialsFile?.replace(/(\.db)?$/, '-grants.json')),
    consents: new Map(),
    settings: new Map(),
    requests,
  };
}
