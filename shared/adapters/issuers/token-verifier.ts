import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import * as oauth from 'oauth4webapi';
import type { TrustedIssuer } from '../../contract/http/authorizers.ts';
import { isAccessToken } from '../../domain/access/access-token.ts';
import type { TokenVerification, TokenVerifier } from '../../domain/access/token-verifier.ts';

/** Milliseconds for each of the two requests to an issuer: metadata and keys. API Gateway's own authorizer waits as long. */
const TIMEOUT_MS = 1_500;
/**
 * Milliseconds for which keys are used without asking again; as long as API Gateway's own authorizer may. A token of an
 * unknown key has them read at once, though not twice within 30 seconds.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
const KEYS_MAX_AGE_MS = 2 * 60 * 60 * 1000;
/** Those of API Gateway's own authorizer, so that an issuer can become the only one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];

/** Failure to read the keys of an issuer. */
class KeysUnavailable extends Error {
  constructor(issuer: string, cause: unknown) {
    super(`The keys of ${issuer} cannot be read.`, { cause });
    this.name = 'KeysUnavailable';
  }
}

/**
 * Creates a verifier of the access tokens of several issuers, with the rules of API Gateway's own authorizer for one:
 * signature, `iss`, `aud` or `client_id`, `exp`, `nbf` and `iat`, without tolerance; also the type of the token.
 */
export function createTokenVerifier(issuers: readonly TrustedIssuer[]): TokenVerifier {
  const keysOf = new Map(issuers.map(({ issuer }) => [issuer, remoteKeys(issuer)]));
  return {
    async verify(token, now) {
      try {
        const { iss } = decodeJwt(token);
        const trusted = issuers.find(({ issuer }) => issuer === iss);
        const keys = keysOf.get(iss ?? '');
        if (!trusted || !keys) return refused('issuer');
        const { payload, protectedHeader } = await jwtVerify(token, keys, {
          ...{ issuer: trusted.issuer, algorithms: ALGORITHMS, currentDate: now },
          requiredClaims: ['exp', 'sub'],
        });
        if (!isForAudience(payload, trusted.audience)) return refused('audience');
        if ((payload.iat ?? 0) * 1000 > now.getTime()) return refused('iat');
        const kind = { type: protectedHeader.typ, use: payload.token_use };
        if (!isAccessToken(kind, trusted.accessTokenType)) return refused('type');
        return { outcome: 'verified', sub: payload.sub ?? '', exp: payload.exp ?? 0 };
      } catch (error) {
        // Its message may contain a claim; its code is a word of the library.
        if (error instanceof errors.JWTExpired) return refused('exp');
        if (error instanceof errors.JWTClaimValidationFailed) return refused(error.claim);
        if (error instanceof errors.JOSEError) return refused(error.code);
        throw error;
      }
    },
  };
}

function refused(reason: string): TokenVerification {
  return { outcome: 'refused', reason };
}

/** `client_id` counts where there is no `aud`, as in access tokens of Cognito. */
function isForAudience({ aud, client_id }: JWTPayload, audience: readonly string[]): boolean {
  return [aud ?? client_id].flat().some((one) => typeof one === 'string' && audience.includes(one));
}

/** Reads the keys of an issuer, whose address is in its metadata, at the first token. A failure is not kept. */
function remoteKeys(issuer: string): JWTVerifyGetKey {
  let found: JWTVerifyGetKey | undefined;
  return async (header, token) => {
    try {
      found ??= createRemoteJWKSet(await keysAddress(issuer), {
        timeoutDuration: TIMEOUT_MS,
        cacheMaxAge: KEYS_MAX_AGE_MS,
      });
      return await found(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
        throw error;
      throw new KeysUnavailable(issuer, error);
    }
  };
}

/** Finds the address of an issuer's keys (OpenID Connect Discovery 1.0, section 4). */
async function keysAddress(issuer: string): Promise<URL> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
    // The settings of a deployed stage take https alone.
    [oauth.allowInsecureRequests]: url.protocol === 'http:',
  });
  const { jwks_uri } = await oauth.processDiscoveryResponse(url, response);
  if (jwks_uri === undefined) throw new Error('The metadata of the issuer names no keys.');
  const keys = new URL(jwks_uri);
  if (keys.protocol !== url.protocol) throw new Error('The metadata of the issuer names keys without TLS.');
  return keys;
}
