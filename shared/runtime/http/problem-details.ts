import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpAnswer } from './answer.ts';
import { toProblem } from './problem.ts';

/** Answers every error as problem details. */
export function problemDetails(): MiddlewareObj<APIGatewayProxyEventV2, HttpAnswer> {
  return {
    onError(request) {
      request.response = toProblem(request.error, request.event.requestContext.requestId);
    },
  };
}
