import type { Operation } from './operation.ts';
import { createSecret } from './operations/create-secret.ts';
import { deleteSecret } from './operations/delete-secret.ts';
import { describeSecret } from './operations/describe-secret.ts';
import { getSecretValue } from './operations/get-secret-value.ts';
import { listSecretVersionIds } from './operations/list-secret-version-ids.ts';
import { listSecrets } from './operations/list-secrets.ts';
import { putSecretValue } from './operations/put-secret-value.ts';
import { restoreSecret } from './operations/restore-secret.ts';
import { updateSecretVersionStage } from './operations/update-secret-version-stage.ts';

/** Every operation served, by the name in `X-Amz-Target`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateSecret: createSecret,
    DeleteSecret: deleteSecret,
    DescribeSecret: describeSecret,
    GetSecretValue: getSecretValue,
    ListSecrets: listSecrets,
    ListSecretVersionIds: listSecretVersionIds,
    PutSecretValue: putSecretValue,
    RestoreSecret: restoreSecret,
    UpdateSecretVersionStage: updateSecretVersionStage,
  }),
);
