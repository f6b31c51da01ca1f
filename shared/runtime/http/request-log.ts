import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Route } from '../../contract/http/route.ts';
import { DomainError } from '../../domain/errors.ts';
import { logger } from '../logger.ts';
import type { HttpResponse } from './response.ts';

/**
 * One line a request: which route, what came of it. No parameter, no header, no body. A fault of ours is told
 * with its stack; a refusal with its code.
 */
export function requestLog({
  entry,
}: Pick<Route, 'entry'>): MiddlewareObj<APIGatewayProxyEventV2, HttpResponse> {
  const line = (event: APIGatewayProxyEventV2, response: HttpResponse | null | undefined) => ({
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
