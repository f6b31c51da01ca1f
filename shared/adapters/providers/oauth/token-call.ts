import type * as oauth from 'oauth4webapi';
import { fill } from '../../../catalog/templates.ts';
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

/** Fills templates of parameters; those that lack a value are left out. */
export function fillParameters(
  templates: Readonly<Record<string, string>> = {},
  values: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const filled = Object.entries(templates).flatMap(([name, template]) => {
    const value = fill(template, (placeholder) => values[placeholder]);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(filled);
}

/** Entered credentials that are no such credentials, so that no request can be made with them. Holds nothing of them. */
export class MalformedCredentials extends Error {
  constructor() {
    super('malformed credentials');
  }
}
