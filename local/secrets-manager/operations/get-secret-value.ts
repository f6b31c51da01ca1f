import * as z from 'zod/mini';
import { invalidRequest, valueNotFound } from '../faults.ts';
import { type Call, dayOf, epochSeconds, operation } from '../operation.ts';
import { secretId, stage, versionId } from '../requests.ts';
import { findUsableSecret } from '../secret-id.ts';
import type { Secret } from '../secret-rows.ts';
import type { Version } from '../version-rows.ts';
import { CURRENT, type Stages, stagesOf } from '../versions.ts';

const Request = z.object({
  SecretId: secretId,
  VersionId: z.optional(versionId),
  VersionStage: z.optional(stage),
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export const getSecretValue = operation(Request, (input, call) => {
  const secret = findUsableSecret(call.storage, input.SecretId);
  const stages = call.storage.versions.stages(secret.id);
  const version = pickVersion(call, secret, stages, input);
  recordAccess(call, secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.versionId,
    SecretString: version.secretString ?? undefined,
    SecretBinary: version.secretBinary ?? undefined,
    VersionStages: stagesOf(stages, version.versionId),
    CreatedDate: epochSeconds(version.createdAt),
  };
});

function pickVersion(
  { storage }: Call,
  secret: Secret,
  stages: Stages,
  { VersionId, VersionStage = VersionId === undefined ? CURRENT : undefined }: z.infer<typeof Request>,
): Version {
  const wanted = VersionId ?? (VersionStage === undefined ? undefined : stages.get(VersionStage));
  const version = wanted === undefined ? undefined : storage.versions.find(secret.id, wanted);
  if (version === undefined) {
    throw valueNotFound(
      VersionId === undefined ? `staging label: ${VersionStage}` : `VersionId: ${VersionId}`,
    );
  }
  if (VersionStage !== undefined && stages.get(VersionStage) !== version.versionId) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return version;
}

/** Kept by the day, so that all but a day's first read write nothing. */
function recordAccess({ storage, now }: Call, secret: Secret, version: Version): void {
  const today = dayOf(now);
  if (secret.accessedAt !== today) storage.secrets.accessed(secret.id, today);
  if (version.accessedAt !== today) storage.versions.accessed(secret.id, version.versionId, today);
}
