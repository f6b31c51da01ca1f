import {
  type AwsJsonServer,
  type AwsJsonService,
  startAwsJsonServer,
  unknownOperation,
} from '../aws-json-server.ts';
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
  /** The file that keeps everything, made where it does not exist; left out, everything lives in memory. */
  readonly dataFile?: string;
  /** The time of everything that is dated, expires or is pruned. */
  readonly clock?: () => Date;
}

/** The operations of AWS Secrets Manager that the project calls, with their errors and rules. */
export interface SecretsManagerService extends AwsJsonService {
  close(): void;
}

/** Opens the service for callers of this process. An acknowledged write outlives a kill of the process. */
export function openSecretsManager({
  dataFile,
  clock = () => new Date(),
}: SecretsManagerOptions): SecretsManagerService {
  const storage = openStorage(dataFile);
  return {
    signingName: 'secretsmanager',
    targetPrefix: 'secretsmanager',
    perform(name, body, region) {
      const operation = OPERATIONS.get(name);
      if (!operation) throw unknownOperation(name);
      return operation(body, { storage, region, now: clock().getTime() });
    },
    close: () => storage.close(),
  };
}

/** Serves it on 127.0.0.1. Logs nothing of a request or a response. */
export async function startSecretsManager(options: SecretsManagerOptions): Promise<AwsJsonServer> {
  const service = openSecretsManager(options);
  const server = await startAwsJsonServer(service);
  return {
    url: server.url,
    async close() {
      await server.close();
      service.close();
    },
  };
}
