import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { DomainError } from '../../domain/errors.ts';
import type { Route } from '../../routes/route.ts';
import { logger } from '../logger.ts';
import type { HttpAnswer } from './answer.ts';

/**
 * One line a request: which route, what came of it. No parameter, no header, no body. A fault of ours is told
 * with its stack; a refusal with its code.
 */
export function requestLog({
  entry,
}: Pick<Route, 'entry'>): MiddlewareObj<APIGatewayProxyEventV2, HttpAnswer> {
  const line = (event: APIGatewayProxyEventV2, response: HttpAnswer | null | undefined) => ({
    route: entry,
    requestId: event.requestContext.requestId,
    status: response?.statusCode,
  });
  return {
    after({ event, response }) {
      logger().info('answered', line(event, response));
    },
    onError({ event, response, error }) {
      if (error instanceof DomainError)
        logger().info('refused', { ...line(event, response), code: error.code });
      else logger().error('failed', { ...line(event, response), error: error ?? 'unknown' });
    },
  };
}
