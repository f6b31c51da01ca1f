import * as z from 'zod/mini';
import { describe } from '../description.ts';
import { operation } from '../operation.ts';
import { secretId } from '../requests.ts';
import { findSecret } from '../secret-id.ts';

const Request = z.object({ SecretId: secretId });

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret = operation(Request, (input, { storage }) => {
  const secret = findSecret(storage, input.SecretId);
  const { versionsToStages, ...rest } = describe(storage, secret);
  return { ...rest, VersionIdsToStages: versionsToStages };
});
