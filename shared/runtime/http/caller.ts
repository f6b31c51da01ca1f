import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { userId } from '../../contract/http/schemas/primitives.ts';
import { failure } from '../../domain/errors.ts';
import type { Callers } from './endpoint.ts';

const user = z.object({ authorizer: z.object({ jwt: z.object({ claims: z.object({ sub: userId }) }) }) });
const engine = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) });

type Identify = { readonly [K in keyof Callers]: (event: APIGatewayProxyEventV2) => Callers[K] };

/**
 * Who called, as API Gateway's authoriser verified it. The authoriser stands in front of the function; that its
 * word is missing is refused here once more.
 *
 * @throws DomainError `unauthenticated`, `forbidden`.
 */
export const IDENTIFY: Identify = {
  user(event) {
    const context = user.safeParse(event.requestContext);
    if (!context.success) throw failure('unauthenticated', 'A valid access token is required.');
    return { type: 'user', id: context.data.authorizer.jwt.claims.sub };
  },
  engine(event) {
    if (!engine.safeParse(event.requestContext).success)
      throw failure('forbidden', 'The request must be signed.');
    return null;
  },
  public: () => null,
};
