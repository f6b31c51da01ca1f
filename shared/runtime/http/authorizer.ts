import middy from '@middy/core';
import * as z from 'zod/mini';
import type { PortsFor } from '../../contract/capabilities.ts';
import type { authorizers } from '../../contract/http/authorizers.ts';
import { lazy } from '../lazy.ts';
import { logger } from '../logger.ts';
import { createPorts, type Wiring } from '../ports.ts';

type Authorizer = (typeof authorizers)[keyof typeof authorizers];
type Ports = PortsFor<Authorizer['capabilities'][number]>;

/**
 * Event of payload format 2.0, whose identity source is the header `authorization`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
const authorizerEvent = z.object({
  identitySource: z.array(z.string()).check(z.length(1)),
  requestContext: z.object({ requestId: z.string(), timeEpoch: z.number() }),
});

/** Simple response. Functions receive the context as `requestContext.authorizer.lambda`. */
interface AuthorizerResponse {
  readonly isAuthorized: true;
  readonly context: { readonly sub: string; readonly exp: string } | { readonly refusal: string };
}

/**
 * Creates the Lambda handler that verifies access tokens.
 *
 * It names the user, or why there is none, and lets the function refuse: API Gateway responds 403 to `isAuthorized: false`,
 * and a client that receives 401 gets a new token (docs/decisions/0045). It fails where the issuer's keys cannot be read:
 * API Gateway then responds 500, and keeps no result.
 */
export function authorizer(
  { entry, capabilities }: Authorizer,
  wiring: Wiring<Authorizer['capabilities'][number]>,
) {
  const ports = lazy(() => createPorts<Ports>(capabilities, wiring));
  return middy<unknown, AuthorizerResponse>().handler(async (event) => {
    const { identitySource, requestContext } = authorizerEvent.parse(event);
    const token = (identitySource[0] ?? '').replace(/^Bearer /i, '').trim();
    const { requestId, timeEpoch } = requestContext;
    const verification = await ports().tokenVerifier.verify(token, new Date(timeEpoch));
    if (verification.outcome === 'verified') {
      const { sub, exp } = verification;
      return { isAuthorized: true, context: { sub, exp: String(exp) } };
    }
    const { reason } = verification;
    logger().info('refused', { authorizer: entry, requestId, reason });
    return { isAuthorized: true, context: { refusal: reason } };
  });
}
