import { epochSeconds } from './operation.ts';
import type { Secret } from './secret-rows.ts';
import type { Storage } from './storage.ts';
import { stagesOf } from './versions.ts';

/** What DescribeSecret and ListSecrets both tell; only the name of the labels' member differs between them. */
export function describe(storage: Storage, secret: Secret) {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description ?? undefined,
    KmsKeyId: secret.kmsKeyId ?? undefined,
    Tags: secret.tags.length === 0 ? undefined : secret.tags,
    CreatedDate: epochSeconds(secret.createdAt),
    LastChangedDate: epochSeconds(secret.changedAt),
    LastAccessedDate: epochSeconds(secret.accessedAt),
    DeletedDate: epochSeconds(secret.deletionAt),
    versionsToStages: labelledVersions(storage, secret),
  };
}

/** Labelled versions only: those without a label are deprecated and not told here. */
function labelledVersions(storage: Storage, secret: Secret): Record<string, string[]> | undefined {
  const stages = storage.versions.stages(secret.id);
  if (stages.size === 0) return undefined;
  return Object.fromEntries([...new Set(stages.values())].map((id) => [id, stagesOf(stages, id)]));
}
