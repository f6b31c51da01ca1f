import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import Provider from 'oidc-provider';
import { API_RESOURCE, apiResource, CONSOLE_CLIENT, providerConfiguration } from './configuration.ts';
import type { DemoUser } from './demo-user.ts';
import { serveSignIn } from './sign-in.ts';
import { loadIssuerData, saveIssuerData } from './signing-keys.ts';

export { CONSOLE_CLIENT } from './configuration.ts';
export type { DemoUser } from './demo-user.ts';

export interface IssuerOptions {
  /** Where the private keys and the port are kept, mode 0600. */
  readonly dataFile: string;
  /** Left out or 0: the port of the last start where it is free, so that its tokens stay valid, else any. */
  readonly port?: number;
  /** The `aud` of every access token. */
  readonly audience: string;
  readonly users: readonly DemoUser[];
  /** Where the console may be sent back to. */
  readonly redirectUris?: readonly string[];
}

export interface Issuer {
  /** Also the `iss` of its tokens. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /**
   * An access token of 12 hours for one of the users, as signing in would give.
   *
   * @throws Error for a user that there is not.
   */
  mintToken(userId: string): Promise<string>;
  close(): Promise<void>;
}

/** Starts an OpenID Connect issuer on 127.0.0.1. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const data = await loadIssuerData(options.dataFile);
  const server = createServer();
  const port = await listen(server, options.port, data.port);
  if (port !== data.port) await saveIssuerData(options.dataFile, { ...data, port });
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(
    issuer,
    providerConfiguration({
      keys: data.keys,
      audience: options.audience,
      users: options.users,
      redirectUris: options.redirectUris ?? [`${issuer}/signed-in`],
    }),
  );
  const answer = provider.callback();
  server.on('request', (request, response) => {
    serveSignIn(request, response, provider, options.users)
      .then((served) => (served ? undefined : answer(request, response)))
      .catch((error: Error) => {
        process.emitWarning(error);
        if (!response.headersSent) response.writeHead(500).end();
      });
  });
  return {
    issuer,
    jwksUrl: `${issuer}${provider.pathFor('jwks')}`,
    mintToken: (userId) => mintToken(provider, options, userId),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listen(server: Server, wanted: number | undefined, last: number | undefined): Promise<number> {
  const attempts = wanted ? [wanted] : [...(last === undefined ? [] : [last]), 0];
  for (const port of attempts) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      break;
    } catch (error) {
      if (port === attempts.at(-1)) throw error;
    }
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The issuer listens on no port');
  return address.port;
}

/** Through the provider's own model, so that the token is what the token endpoint would issue. */
async function mintToken(provider: Provider, options: IssuerOptions, userId: string): Promise<string> {
  if (!options.users.some(({ id }) => id === userId)) throw new Error(`There is no user ${userId}`);
  const client = await provider.Client.find(CONSOLE_CLIENT);
  if (!client) throw new Error(`There is no client ${CONSOLE_CLIENT}`);
  const grant = new provider.Grant({ clientId: CONSOLE_CLIENT, accountId: userId });
  const token = new provider.AccessToken({
    client,
    accountId: userId,
    grantId: await grant.save(),
    gty: 'authorization_code',
    resourceServer: new provider.ResourceServer(API_RESOURCE, apiResource(options.audience)),
  });
  return token.save();
}
