import type { APIGatewayEventRequestContextJWTAuthorizer } from 'aws-lambda';
import { createRemoteJWKSet, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import type { ReceivedRequest } from './request.ts';
import { GatewayError } from './response.ts';

export interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
}

export type JwtAuthorizer = (
  request: ReceivedRequest,
  now: Date,
) => Promise<APIGatewayEventRequestContextJWTAuthorizer>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const JWKS_TIMEOUT_MS = 1500;
/** "Currently, only RSA-based algorithms are supported." See the page below. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/**
 * Makes the JWT authorizer of an HTTP API. It verifies a bearer token's signature by the issuer's keys, `kid`, `iss`,
 * `aud` (or `client_id` where there is no `aud`), `exp`, `nbf` and `iat`, without tolerance.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 *
 * @throws GatewayError `unauthorized`, with the reason in `www-authenticate` where a token was sent.
 */
export function jwtAuthorizer(settings: JwtSettings): JwtAuthorizer {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (request, now) => {
    const token = request.headers.authorization?.replace(/^Bearer /i, '').trim();
    if (!token) throw new GatewayError('unauthorized', { 'www-authenticate': 'Bearer' });
    try {
      requireKeyId(token);
      const { issuer } = settings;
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ALGORITHMS,
        currentDate: now,
        requiredClaims: ['exp'],
      });
      requireAudience(payload, settings.audience);
      requireIssuedBefore(payload, now);
      return { jwt: { claims: stringClaims(payload), scopes: null } };
    } catch (error) {
      const reason = error instanceof Error ? error.message.replaceAll('"', "'") : '';
      const challenge = `Bearer scope="" error="invalid_token" error_description="${reason}"`;
      throw new GatewayError('unauthorized', { 'www-authenticate': challenge }, { cause: error });
    }
  };
}

function requireKeyId(token: string): void {
  if (decodeProtectedHeader(token).kid === undefined) throw new Error('the token has no key id');
}

function requireAudience({ aud, client_id }: JWTPayload, audience: string): void {
  const accepted = [aud ?? client_id].flat();
  if (!accepted.includes(audience)) throw new Error('the token has another audience');
}

function requireIssuedBefore({ iat = 0 }: JWTPayload, now: Date): void {
  if (iat * 1000 > now.getTime()) throw new Error('the token was issued in the future');
}

/** Converts claims to strings, as functions receive them; a list becomes `[a b]`. */
function stringClaims(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(
    Object.entries(payload).map(([name, value]) => [
      name,
      Array.isArray(value) ? `[${value.join(' ')}]` : String(value),
    ]),
  );
}
