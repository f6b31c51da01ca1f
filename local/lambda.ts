import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';

/** The identity that signs the flow engine's requests, and the account and region of everything local. */
export interface IamSettings {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  /** The owner of the key: `arn:aws:iam::<account>:user/<name>`. */
  readonly userArn: string;
}

/** Returns the account's number in an ARN. */
export function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

/** The handler of a Lambda function, typed by the service that invokes it. */
export type Handler<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** Loads the handler of an entry file below `functions/`. */
export async function loadHandler<Event, Result>(entry: string): Promise<Handler<Event, Result>> {
  const file = new URL(`../functions/${entry}.ts`, import.meta.url);
  const module: { readonly handler: Handler<Event, Result> } = await import(file.href);
  return module.handler;
}

/**
 * Makes the context of one invocation.
 *
 * @param name what the function's name is made of: its entry, or the key of its route.
 * @param timeoutMs the time from now until the function times out, in milliseconds.
 */
export function lambdaContext(
  name: string,
  iam: Pick<IamSettings, 'region' | 'userArn'>,
  timeoutMs: number,
): Context {
  const functionName = name
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
    done: refuseCallback,
    fail: refuseCallback,
    succeed: refuseCallback,
  };
}

/** Node.js 24 on Lambda has no callback handlers. */
function refuseCallback(): never {
  throw new Error('Return a promise: this runtime has no callbacks.');
}
