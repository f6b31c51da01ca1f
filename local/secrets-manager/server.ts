import { type AwsJsonServer, startAwsJsonServer, unknownOperation } from '../aws-json-server.ts';
import type { Operation } from './operation.ts';
import { createSecret, deleteSecret, describeSecret, listSecrets, restoreSecret } from './secrets.ts';
import { openStorage } from './storage.ts';
import { getSecretValue, putSecretValue, updateSecretVersionStage } from './versions.ts';

const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateSecret: createSecret,
    DeleteSecret: deleteSecret,
    DescribeSecret: describeSecret,
    GetSecretValue: getSecretValue,
    ListSecrets: listSecrets,
    PutSecretValue: putSecretValue,
    RestoreSecret: restoreSecret,
    UpdateSecretVersionStage: updateSecretVersionStage,
  }),
);

export interface SecretsManagerOptions {
  /** The file that keeps everything; made where it does not exist. */
  readonly dataFile: string;
  /** The time of everything that is dated, expires or is pruned. */
  readonly clock?: () => Date;
}

/**
 * Serves the operations of AWS Secrets Manager that the project calls, on 127.0.0.1, with their errors and rules.
 * An acknowledged write outlives a kill of the process. Logs nothing of a request or a response.
 */
export async function startSecretsManager({
  dataFile,
  clock = () => new Date(),
}: SecretsManagerOptions): Promise<AwsJsonServer> {
  const storage = openStorage(dataFile);
  const server = await startAwsJsonServer({
    signingName: 'secretsmanager',
    targetPrefix: 'secretsmanager',
    perform(name, body, region) {
      const operation = OPERATIONS.get(name);
      if (!operation) throw unknownOperation(name);
      return operation(body, { storage, region, now: clock().getTime() });
    },
  });
  return {
    url: server.url,
    async close() {
      await server.close();
      storage.close();
    },
  };
}
