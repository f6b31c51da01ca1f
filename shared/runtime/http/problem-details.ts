import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { toProblem } from './problem.ts';
import type { HttpResponse } from './response.ts';

/** Answers every error as problem details. */
export function problemDetails(): MiddlewareObj<APIGatewayProxyEventV2, HttpResponse> {
  return {
    onError(request) {
      request.response = toProblem(request.error, request.event.requestContext.requestId);
    },
  };
}
