import * as z from 'zod/mini';
import { invalidRequest, secretExists } from '../faults.ts';
import { addVersion, isRepeat, requiredToken, secretValueOf } from '../new-version.ts';
import { type Call, operation } from '../operation.ts';
import { text, valueFields } from '../requests.ts';
import { checkName, newArn } from '../secret-id.ts';
import type { Secret } from '../secret-rows.ts';
import type { SecretValue } from '../version-rows.ts';

const Request = z.object({
  ...valueFields,
  Name: text(1, 512),
  Description: z.optional(text(0, 2048)),
  KmsKeyId: z.optional(text(0, 2048)),
  Tags: z.optional(z.array(z.object({ Key: z.optional(text(1, 128)), Value: z.optional(text(0, 256)) }))),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const createSecret = operation(Request, (input, call) => {
  checkName(input.Name);
  const token = requiredToken(input.ClientRequestToken);
  const value = secretValueOf(input);
  const existing = call.storage.secrets.byName(input.Name);
  if (existing !== undefined) return answerRepeat(call, existing, token, value);
  const secret = call.storage.secrets.add({
    arn: newArn(call.region, input.Name),
    name: input.Name,
    description: input.Description ?? null,
    kmsKeyId: input.KmsKeyId ?? null,
    tags: input.Tags ?? [],
    createdAt: call.now,
  });
  if (value !== undefined) addVersion(call, secret, { id: token, value, stages: undefined });
  return { ARN: secret.arn, Name: secret.name, VersionId: value && token };
});

function answerRepeat(call: Call, existing: Secret, token: string, value: SecretValue | undefined): object {
  if (existing.deletionAt !== null) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (value === undefined || !isRepeat(call, existing, token, value)) throw secretExists(existing.name);
  return { ARN: existing.arn, Name: existing.name, VersionId: token };
}
