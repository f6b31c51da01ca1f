import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import type { IamSettings } from './iam-authorizer.ts';
import { accountOf } from './iam-authorizer.ts';

/**
 * The context of one invocation.
 *
 * @param timeoutMs what the function is given from now on, in milliseconds.
 */
export function lambdaContext(routeKey: string, iam: IamSettings, timeoutMs: number): Context {
  const functionName = routeKey
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const deadline = performance.now() + timeoutMs;
  return {
    awsRequestId: randomUUID(),
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${iam.region}:${accountOf(iam.userArn)}:function:${functionName}`,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
    done: notOffered,
    fail: notOffered,
    succeed: notOffered,
  };
}

/** The Node.js 24 runtime has no callback handlers any more. */
function notOffered(): never {
  throw new Error('Return a promise: callbacks are not offered by this runtime');
}
