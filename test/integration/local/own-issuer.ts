import { createServer } from 'node:http';
import {
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { close, listen } from '../../../local/loopback.ts';

/** Issuer of a test: publishes metadata and keys on loopback, counts both, and signs what it is told to. */
export async function startIssuer() {
  const pairs = new Map([['first', await generateKeyPair('RS256')]]);
  const counts = { metadata: 0, keys: 0 };
  let isDown = false;
  const server = createServer(async ({ url }, response) => {
    if (isDown) return void response.writeHead(503).end();
    response.setHeader('content-type', 'application/json');
    if (url === '/.well-known/openid-configuration') {
      counts.metadata += 1;
      return void response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    }
    counts.keys += 1;
    const keys = Array.from(pairs, async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      ...{ kid, alg: 'RS256', use: 'sig' },
    }));
    response.end(JSON.stringify({ keys: await Promise.all(keys) }));
  });
  const { url: issuer } = await listen(server);
  const keyPair = (kid: string) => {
    const pair = pairs.get(kid);
    if (!pair) throw new Error(`There is no key ${kid}.`);
    return pair;
  };
  return {
    issuer,
    counts,
    /** Adds a key, under which the next tokens may be signed. */
    async addKey(kid: string) {
      pairs.set(kid, await generateKeyPair('RS256'));
    },
    set isDown(value: boolean) {
      isDown = value;
    },
    /** Signs claims with the private key of `kid`, whatever the header says. */
    sign: (claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}, kid = 'first') =>
      new SignJWT({ iss: issuer, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid, ...header })
        .sign(keyPair(kid).privateKey),
    publicKey: () => exportSPKI(keyPair('first').publicKey),
    close: () => close(server),
  };
}
