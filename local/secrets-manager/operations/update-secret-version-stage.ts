import * as z from 'zod/mini';
import { operation } from '../operation.ts';
import { secretId, stage, versionId } from '../requests.ts';
import { findUsableSecret } from '../secret-id.ts';
import { moveStage } from '../versions.ts';

const Request = z.object({
  SecretId: secretId,
  VersionStage: stage,
  RemoveFromVersionId: z.optional(versionId),
  MoveToVersionId: z.optional(versionId),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
export const updateSecretVersionStage = operation(Request, (input, { storage, now }) => {
  const secret = findUsableSecret(storage, input.SecretId);
  const versionIds = new Set(storage.versions.list(secret.id).map((version) => version.versionId));
  const after = moveStage(storage.versions.stages(secret.id), versionIds, {
    stage: input.VersionStage,
    removeFrom: input.RemoveFromVersionId,
    moveTo: input.MoveToVersionId,
  });
  storage.versions.setStages(secret.id, after);
  storage.secrets.changed(secret.id, now);
  return { ARN: secret.arn, Name: secret.name };
});
