import type * as oauth from 'oauth4webapi';
import type { OAuth2 } from '../../../domain/credentials/tokens.ts';

/** Request by a grant type of the provider's own. */
export type OwnGrant = NonNullable<OAuth2['longLived']>['exchange'];

/** The library's arguments for one request. */
export interface TokenCall {
  readonly server: oauth.AuthorizationServer;
  readonly oauthClient: oauth.Client;
  readonly authentication: oauth.ClientAuth;
  readonly requestOptions: oauth.TokenEndpointRequestOptions & {
    readonly additionalParameters: Record<string, string>;
  };
}

/** Entered credentials that are no such credentials, so that no request can be made with them. Holds nothing of them. */
export class MalformedCredentials extends Error {
  constructor() {
    super('malformed credentials');
  }
}
