import * as z from 'zod/mini';
import { operation } from '../operation.ts';
import { secretId } from '../requests.ts';
import { findSecret } from '../secret-id.ts';

const Request = z.object({ SecretId: secretId });

/**
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html
 * A secret that is not scheduled for deletion is left as it is, and that is a success.
 */
export const restoreSecret = operation(Request, (input, { storage, now }) => {
  const secret = findSecret(storage, input.SecretId);
  if (secret.deletionAt !== null) storage.secrets.schedule(secret.id, null, now);
  return { ARN: secret.arn, Name: secret.name };
});
