import * as z from 'zod/mini';
import { invalidRequest } from '../faults.ts';
import { addVersion, isRepeat, requiredToken, secretValueOf } from '../new-version.ts';
import { operation } from '../operation.ts';
import { secretId, stage, valueFields } from '../requests.ts';
import { findUsableSecret } from '../secret-id.ts';
import { stagesOf } from '../versions.ts';

const Request = z.object({
  ...valueFields,
  SecretId: secretId,
  VersionStages: z.optional(
    z
      .array(stage)
      .check(
        z.minLength(1, 'Member must have length greater than or equal to 1'),
        z.maxLength(20, 'Member must have length less than or equal to 20'),
      ),
  ),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html */
export const putSecretValue = operation(Request, (input, call) => {
  const token = requiredToken(input.ClientRequestToken);
  const value = secretValueOf(input);
  if (value === undefined) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const secret = findUsableSecret(call.storage, input.SecretId);
  if (!isRepeat(call, secret, token, value)) {
    addVersion(call, secret, { id: token, value, stages: input.VersionStages });
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: token,
    VersionStages: stagesOf(call.storage.versions.stages(secret.id), token),
  };
});
