import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import type { SandboxProvider } from '../provider.ts';

/** OAuth 2.0 part of an entry. */
export type OAuth2 = NonNullable<ProviderEntry['oauth2']>;

/** Grant type of an assertion (RFC 7523, section 2.1). */
const SERVICE_ACCOUNT_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Provider whose entry describes OAuth 2.0. */
export interface OAuthProvider {
  readonly id: string;
  readonly entry: ProviderEntry;
  readonly oauth2: OAuth2;
  readonly sandbox: SandboxProvider;
}

/** Returns those providers that implement OAuth 2.0. */
export function oauthProviders(providers: readonly SandboxProvider[]): readonly OAuthProvider[] {
  return providers.flatMap((sandbox) => {
    const { entry } = sandbox;
    const { id, oauth2 } = entry;
    return oauth2 === undefined ? [] : [{ id, entry, oauth2, sandbox }];
  });
}

/** Lists the scopes that an entry knows, required ones first. */
export function knownScopes({ scopes }: OAuth2): readonly string[] {
  return [...scopes.required, ...(scopes.optional ?? [])];
}

/** Returns true for a scope that a provider has: any, where the user names the scopes. */
export function knowsScope(oauth2: OAuth2, scope: string): boolean {
  return oauth2.scopes.from !== undefined || knownScopes(oauth2).includes(scope);
}

/** Lists the grant types that a provider's token endpoint knows, without those of its own. */
export function grantTypesOf({ entry: { auth }, oauth2 }: OAuthProvider): readonly string[] {
  switch (auth.type) {
    case 'service_account':
      return [SERVICE_ACCOUNT_GRANT];
    case 'oauth2_client_credentials':
      return [oauth2.token.grantType ?? 'client_credentials'];
    default:
      return ['authorization_code', ...(oauth2.refresh && !oauth2.longLived ? ['refresh_token'] : [])];
  }
}
