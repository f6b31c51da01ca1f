import * as z from 'zod/mini';
import { epochSeconds, operation } from '../operation.ts';
import { pageOf } from '../paging.ts';
import { maxResults, nextToken, secretId } from '../requests.ts';
import { findSecret } from '../secret-id.ts';
import { stagesOf } from '../versions.ts';

/** What AWS calls the key of secrets that name no KMS key of their own. */
const DEFAULT_KEY = 'DefaultEncryptionKey';

const Request = z.object({
  SecretId: secretId,
  IncludeDeprecated: z.optional(z.boolean()),
  MaxResults: maxResults,
  NextToken: nextToken,
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html */
export const listSecretVersionIds = operation(Request, (input, { storage }) => {
  const secret = findSecret(storage, input.SecretId);
  const stages = storage.versions.stages(secret.id);
  const versions = storage.versions
    .list(secret.id)
    .map((version, index) => ({ ...version, id: index + 1, stages: stagesOf(stages, version.versionId) }))
    .filter((version) => input.IncludeDeprecated === true || version.stages.length > 0);
  const page = pageOf(input, (from = 0) => versions.filter(({ id }) => id > from));
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: page.items.map((version) => ({
      VersionId: version.versionId,
      VersionStages: version.stages.length === 0 ? undefined : version.stages,
      CreatedDate: epochSeconds(version.createdAt),
      LastAccessedDate: epochSeconds(version.accessedAt),
      KmsKeyIds: [secret.kmsKeyId ?? DEFAULT_KEY],
    })),
    NextToken: page.NextToken,
  };
});
