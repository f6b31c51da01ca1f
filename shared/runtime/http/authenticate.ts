import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { userId } from '../../contract/http/schemas/primitives.ts';
import { isAccessToken } from '../../domain/access/access-token.ts';
import { failure } from '../../domain/errors.ts';
import { optionalSetting } from '../environment.ts';
import type { Callers } from './endpoint.ts';

/** Context of API Gateway's own authorizer, in a stage with one issuer. */
const jwtContext = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.object({ sub: userId }) }) }),
});
/** Context of `functions/authorizers/verify-tokens.ts`, in a stage with several issuers. */
const lambdaContext = z.object({
  authorizer: z.object({ lambda: z.object({ sub: userId, exp: z.string() }) }),
});
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

const jwtHeader = z.object({ typ: z.optional(z.string()) });
const jwtClaims = z.object({ token_use: z.optional(z.string()) });

/**
 * Returns the user that an authorizer verified; undefined for none. API Gateway may reuse a result of the Lambda
 * authorizer, so that its token can have ended since.
 */
function verifiedUser({ requestContext }: APIGatewayProxyEventV2): string | undefined {
  const jwt = jwtContext.safeParse(requestContext);
  if (jwt.success) return jwt.data.authorizer.jwt.claims.sub;
  const lambda = lambdaContext.safeParse(requestContext);
  if (!lambda.success) return undefined;
  const { sub, exp } = lambda.data.authorizer.lambda;
  return Number(exp) * 1000 > requestContext.timeEpoch ? sub : undefined;
}

/**
 * Returns true for the header of an access token. API Gateway's own authorizer checks signature, issuer, audience and time,
 * but accepts any kind of token: an ID token of the same audience, for example. `ACCESS_TOKEN_TYPE` may require a type.
 */
function hasAccessToken(authorization: string | undefined): boolean {
  const [header, claims] = (authorization?.split(' ').at(-1) ?? '').split('.').map(decodeJson);
  const parsedHeader = jwtHeader.safeParse(header);
  const parsedClaims = jwtClaims.safeParse(claims);
  if (!parsedHeader.success || !parsedClaims.success) return false;
  const kind = { type: parsedHeader.data.typ, use: parsedClaims.data.token_use };
  return isAccessToken(kind, optionalSetting('ACCESS_TOKEN_TYPE'));
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
 * Returns the caller that the authorizer verified. API Gateway's own ones refuse unauthenticated requests before the
 * function runs; a request without the authorizer's context is refused here, once more or for the first time.
 *
 * @throws DomainError `unauthenticated`, `forbidden`.
 */
export const AUTHENTICATE: Authenticate = {
  user(event) {
    const id = verifiedUser(event);
    if (id === undefined || !hasAccessToken(event.headers.authorization)) {
      throw failure('unauthenticated', 'A valid access token is required.');
    }
    return { type: 'user', id };
  },
  engine(event) {
    if (!iamContext.safeParse(event.requestContext).success) {
      throw failure('forbidden', 'The request must be signed.');
    }
    return null;
  },
  public: () => null,
};
