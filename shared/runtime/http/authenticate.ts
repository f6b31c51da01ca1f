import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { userId } from '../../contract/http/schemas/primitives.ts';
import { failure } from '../../domain/errors.ts';
import { optionalSetting } from '../environment.ts';
import type { Callers } from './endpoint.ts';

const jwtContext = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.object({ sub: userId }) }) }),
});
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

const jwtHeader = z.object({ typ: z.optional(z.string()) });
const jwtClaims = z.object({ token_use: z.optional(z.string()) });

/**
 * Returns true for an access token. API Gateway's authorizer checks signature, issuer, audience and time, but accepts any
 * kind of token: an ID token of the same audience, for example.
 *
 * With the setting `ACCESS_TOKEN_TYPE` the token's `typ` must be that type (RFC 9068, section 4); without it, `typ` must
 * not name another type. Cognito marks ID tokens by `token_use`.
 */
function isAccessToken(authorization: string | undefined): boolean {
  const [header, claims] = (authorization?.split(' ').at(-1) ?? '').split('.').map(decodeJson);
  const parsedHeader = jwtHeader.safeParse(header);
  const parsedClaims = jwtClaims.safeParse(claims);
  if (!parsedHeader.success || !parsedClaims.success) return false;
  const type = parsedHeader.data.typ?.toLowerCase().replace(/^application\//, '');
  const required = optionalSetting('ACCESS_TOKEN_TYPE');
  const isType = required ? type === required : type === undefined || type === 'jwt' || type === 'at+jwt';
  return isType && parsedClaims.data.token_use !== 'id';
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

type Authenticate = { readonly [K in keyof Callers]: (event: APIGatewayProxyEventV2) => Callers[K] };

/**
 * Returns the caller that API Gateway's authorizer verified. API Gateway refuses unauthenticated requests before the
 * function runs; a request without the authorizer's context is refused here once more.
 *
 * @throws DomainError `unauthenticated`, `forbidden`.
 */
export const AUTHENTICATE: Authenticate = {
  user(event) {
    const context = jwtContext.safeParse(event.requestContext);
    if (!context.success || !isAccessToken(event.headers.authorization)) {
      throw failure('unauthenticated', 'A valid access token is required.');
    }
    return { type: 'user', id: context.data.authorizer.jwt.claims.sub };
  },
  engine(event) {
    if (!iamContext.safeParse(event.requestContext).success) {
      throw failure('forbidden', 'The request must be signed.');
    }
    return null;
  },
  public: () => null,
};
