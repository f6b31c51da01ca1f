import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { userId } from '../../contract/http/schemas/primitives.ts';
import { failure } from '../../domain/errors.ts';
import type { Callers } from './endpoint.ts';

const jwtContext = z.object({
  authorizer: z.object({ jwt: z.object({ claims: z.object({ sub: userId }) }) }),
});
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

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
    if (!context.success) throw failure('unauthenticated', 'A valid access token is required.');
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
