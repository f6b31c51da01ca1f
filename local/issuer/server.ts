import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { close, listen } from '../loopback.ts';
import type { DemoUser } from '../users.ts';
import {
  API_RESOURCE,
  apiResource,
  CONSOLE_CLIENT,
  consoleClient,
  providerConfiguration,
} from './configuration.ts';
import { memoryAdapter } from './memory-adapter.ts';
import { serveSignIn } from './sign-in.ts';
import { loadIssuerData, saveIssuerData } from './signing-keys.ts';

export { CONSOLE_CLIENT } from './configuration.ts';

export interface IssuerOptions {
  /**
   * The file that keeps the private keys and the port, mode 0600. The next start takes that port again where it is free,
   * so that tokens stay valid.
   */
  readonly dataFile: string;
  /** The `aud` of every access token. */
  readonly audience: string;
  readonly users: readonly DemoUser[];
  /** Origins of the console, to whose `/signed-in` a sign-in returns: one at least. */
  readonly consoleOrigins: readonly string[];
}

export interface Issuer {
  /** Also the `iss` of its tokens. */
  readonly issuer: string;
  readonly jwksUrl: string;
  /**
   * Issues an access token of 12 hours for a user, equal to the one from signing in.
   *
   * @throws Error for an unknown user.
   */
  mintToken(userId: string): Promise<string>;
  /** Lets the console sign in from one more origin. */
  addConsoleOrigin(origin: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts an OpenID Connect issuer on 127.0.0.1. */
export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const data = await loadIssuerData(options.dataFile);
  const server = createServer();
  const { port, url: issuer } = await listen(server, data.port).catch(() => listen(server));
  if (port !== data.port) await saveIssuerData(options.dataFile, { ...data, port });
  const adapter = memoryAdapter();
  const origins = new Set(options.consoleOrigins);
  const registerConsole = () => adapter('Client').upsert(CONSOLE_CLIENT, consoleClient(origins));
  await registerConsole();
  const { audience, users } = options;
  const isConsole = (origin: string) => origins.has(origin);
  const provider = new Provider(
    issuer,
    providerConfiguration({ keys: data.keys, audience, users, adapter, isConsole }),
  );
  const handle = provider.callback();
  server.on('request', (request, response) => {
    serveSignIn(request, response, provider, options.users)
      .then((served) => (served ? undefined : handle(request, response)))
      .catch((error: Error) => {
        process.emitWarning(error);
        if (!response.headersSent) response.writeHead(500).end();
      });
  });
  return {
    issuer,
    jwksUrl: `${issuer}${provider.pathFor('jwks')}`,
    mintToken: (userId) => mintToken(provider, options, userId),
    async addConsoleOrigin(origin) {
      origins.add(origin);
      await registerConsole();
    },
    close: () => close(server),
  };
}

/** Uses the provider's own models, so that the token is one that the token endpoint would issue. */
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
