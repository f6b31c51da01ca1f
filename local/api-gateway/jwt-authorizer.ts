import type { APIGatewayEventRequestContextJWTAuthorizer } from 'aws-lambda';
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import type { ReceivedRequest } from './received-request.ts';
import { Refused } from './refusal.ts';

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
/** "Currently, only RSA-based algorithms are supported", says the page below. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/**
 * Checks a bearer token as an HTTP API's JWT authoriser does: signature by the issuer's keys, `kid`, `iss`,
 * `aud` (or `client_id` where there is no `aud`), `exp`, `nbf` and `iat`, without any tolerance.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 *
 * @throws Refused (401), with the reason in `www-authenticate` where a token was sent.
 */
export function jwtAuthorizer(settings: JwtSettings): JwtAuthorizer {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS });
  return async (request, now) => {
    const token = request.headers.authorization?.replace(/^Bearer /i, '').trim();
    if (!token) throw new Refused('unauthorized', { 'www-authenticate': 'Bearer' });
    try {
      assertKeyNamed(token);
      const { issuer } = settings;
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        algorithms: ALGORITHMS,
        currentDate: now,
        requiredClaims: ['exp'],
      });
      assertAudience(payload, settings.audience);
      assertIssuedBefore(payload, now);
      return { jwt: { claims: stringClaims(payload), scopes: null } };
    } catch (error) {
      const challenge = `Bearer scope="" error="invalid_token" error_description="${describe(error)}"`;
      throw new Refused('unauthorized', { 'www-authenticate': challenge }, { cause: error });
    }
  };
}

class InvalidToken extends Error {}

function assertKeyNamed(token: string): void {
  let kid: unknown;
  try {
    kid = decodeProtectedHeader(token).kid;
  } catch (cause) {
    throw new InvalidToken('the token is malformed', { cause });
  }
  if (kid === undefined) throw new InvalidToken('the token does not name its key');
}

function assertAudience(payload: JWTPayload, audience: string): void {
  const accepted = payload.aud ?? payload.client_id;
  const audiences: readonly unknown[] = Array.isArray(accepted) ? accepted : [accepted];
  if (!audiences.includes(audience)) throw new InvalidToken('the token does not have a valid audience');
}

function assertIssuedBefore(payload: JWTPayload, now: Date): void {
  if (payload.iat !== undefined && payload.iat * 1000 > now.getTime()) {
    throw new InvalidToken('the token is used before it was issued');
  }
}

function describe(error: unknown): string {
  if (error instanceof InvalidToken) return error.message;
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `the token does not have a valid ${error.claim}`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the signing method is not supported';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature is not valid';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the signing key is not known';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return 'the token is malformed';
  }
  return 'the signing keys cannot be fetched';
}

/** Claims reach a function as strings, an array as `[a b]`. */
function stringClaims(payload: JWTPayload): Record<string, string> {
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, claimText(value)]));
}

function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(claimText).join(' ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([name, inner]) => `${name}:${claimText(inner)}`).join(' ')}]`;
}
