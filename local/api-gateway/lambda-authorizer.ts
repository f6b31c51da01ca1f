import type {
  APIGatewayEventRequestContextLambdaAuthorizer,
  APIGatewayRequestAuthorizerEventV2,
} from 'aws-lambda';
import * as z from 'zod/mini';
import { accountOf, type Handler, type IamSettings, lambdaContext } from '../lambda.ts';
import { buildEvent, type EventParts } from './event.ts';
import { GatewayError } from './response.ts';

/** Function that decides whether a request reaches its route. */
export type AuthorizerFunction = Handler<APIGatewayRequestAuthorizerEventV2, unknown>;

/** API Gateway waits no longer: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const TIMEOUT_MS = 10_000;

const simpleResponse = z.object({
  isAuthorized: z.boolean(),
  context: z.optional(z.record(z.string(), z.unknown())),
});

/**
 * Invokes a Lambda authorizer, with payload format 2.0 and the header `authorization` as identity source. It keeps no
 * results.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 *
 * @throws GatewayError `unauthorized` without the header, before the function runs; `forbidden` where it does not
 * authorize; `internalError` where it fails.
 */
export async function authorizeByLambda(
  invoke: AuthorizerFunction,
  parts: Omit<EventParts, 'authorizer'>,
  iam: IamSettings,
): Promise<APIGatewayEventRequestContextLambdaAuthorizer<unknown>> {
  const identity = parts.request.headers.authorization;
  if (!identity) throw new GatewayError('unauthorized');
  const { body: _, isBase64Encoded: __, ...event } = buildEvent({ ...parts, authorizer: undefined });
  const { method, path } = event.requestContext.http;
  const response = await invoke(
    {
      ...event,
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:${iam.region}:${accountOf(iam.userArn)}:local/$default/${method}${path}`,
      identitySource: [identity],
      cookies: event.cookies ?? [],
    },
    lambdaContext('authorizer', iam, TIMEOUT_MS),
  );
  const { isAuthorized, context } = simpleResponse.parse(response);
  if (!isAuthorized) throw new GatewayError('forbidden');
  return { lambda: context ?? null };
}
