import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import type { ApiRoute } from '../../../local/api-gateway/router.ts';
import { type ApiGatewayOptions, startApiGateway } from '../../../local/api-gateway/server.ts';
import { close, listen } from '../../../local/loopback.ts';

export const AUDIENCE = 'connections-api';
export const IAM = {
  accessKeyId: 'LOCALENGINE',
  secretAccessKey: 'made-up-secret-of-a-test',
  region: 'eu-central-1',
  userArn: 'arn:aws:iam::000000000000:user/flow-engine',
};

export interface Invocation {
  readonly event: APIGatewayProxyEventV2;
  readonly context: Context;
}

/** Makes a route that records its invocations and returns `result`. */
export function recordingRoute(
  method: string,
  path: string,
  authorizer: ApiRoute['authorizer'] = 'none',
  result: () => unknown = () => ({ statusCode: 204 }),
): ApiRoute & { readonly invocations: Invocation[] } {
  const invocations: Invocation[] = [];
  const handler = async (event: APIGatewayProxyEventV2, context: Context) => {
    invocations.push({ event, context });
    return result();
  };
  return { method, path, authorizer, handler, invocations };
}

/** Starts a gateway that closes itself at the end of the test, and records its failures. */
export async function runGateway(routes: readonly ApiRoute[], options: Partial<ApiGatewayOptions> = {}) {
  const failures: unknown[] = [];
  const gateway = await startApiGateway({
    routes,
    allowedOrigins: [],
    jwt: { issuer: 'http://127.0.0.1', audience: AUDIENCE, jwksUrl: 'http://127.0.0.1:1/jwks' },
    iam: IAM,
    onFailure: (_, error) => failures.push(error),
    ...options,
  });
  return { ...gateway, failures, [Symbol.asyncDispose]: gateway.close };
}

const RSA_HEADER = { alg: 'RS256', kid: 'rsa' };

/** Serves a key set on loopback, and signs tokens with its keys or with another one. */
export async function serveKeys() {
  const [rsa, stranger, elliptic] = await Promise.all([
    generateKeyPair('RS256'),
    generateKeyPair('RS256'),
    generateKeyPair('ES256'),
  ]);
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
    { ...(await exportJWK(elliptic.publicKey)), kid: 'elliptic', alg: 'ES256', use: 'sig' },
  ];
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys })));
  const { url: issuer } = await listen(server);
  const signers = { rsa: rsa.privateKey, stranger: stranger.privateKey, elliptic: elliptic.privateKey };
  return {
    jwt: { issuer, audience: AUDIENCE, jwksUrl: `${issuer}/jwks` },
    sign: (claims: JWTPayload, header: JWTHeaderParameters = RSA_HEADER, key: keyof typeof signers = 'rsa') =>
      new SignJWT(claims).setProtectedHeader(header).sign(signers[key]),
    close: () => close(server),
  };
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request as given: without normalizing its target, with repeated headers. */
export async function sendRaw(
  url: string,
  options: { method?: string; target: string; headers?: Record<string, string | string[]>; body?: Buffer },
): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const { method = 'GET', target, headers = {} } = options;
  const request = httpRequest({ hostname, port, method, path: target, headers });
  request.end(options.body);
  const [response] = await once(request, 'response');
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}
