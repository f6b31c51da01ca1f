import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { CREDENTIALS_KEY_SECRET, REGION, SECRETS_PREFIX } from '../../local/environment.ts';
import { importerOf, promoterOf, readerOf, removerOf } from '../../shared/adapters/aws/credential-stores.ts';
import {
  credentialImporter,
  credentialPromoter,
  credentialReader,
  credentialRemover,
  openSecrets,
} from '../../shared/adapters/aws/secrets/credential-store.ts';
import { keyringOf } from '../../shared/adapters/aws/secrets/keyring.ts';
import { openTable } from '../../shared/adapters/aws/table/client.ts';
import { committer } from '../../shared/adapters/aws/table/commit.ts';
import { connectionReader } from '../../shared/adapters/aws/table/connections.ts';
import { projectKeys } from '../../shared/adapters/aws/table/project-keys.ts';
import { checkSchedule } from '../../shared/adapters/aws/table/schedule.ts';
import {
  openSealedStore,
  sealedCredentialImporter,
  sealedCredentialPromoter,
  sealedCredentialReader,
  sealedCredentialRemover,
} from '../../shared/adapters/aws/table/sealed-credentials.ts';
import { createSealer } from '../../shared/adapters/sealing/sealer.ts';
import { PERIOD_MINUTES } from '../../shared/domain/checks/slots.ts';
import type { ConnectionRef } from '../../shared/domain/model/connection.ts';
import { CADENCES } from '../../shared/domain/terms.ts';
import { createBaseContext } from '../../shared/runtime/operation-context.ts';

/** The variables of a function that writes credentials, which name the resources of its stage. */
const environment = z.object({
  TABLE_NAME: z.string(),
  SECRETS_PREFIX: z.string(),
  CREDENTIALS_KEY_SECRET: z.string(),
  SECRETS_KMS_KEY_ID: z.optional(z.string()),
  SECRETS_TAGS: z.optional(z.string()),
});

const session = z.object({
  dynamodbUrl: z.string(),
  secretsManagerUrl: z.string(),
  tableName: z.string(),
  runtime: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/** The stored connections and credentials of a stage. */
export type Stage = ReturnType<typeof openStage>;

/**
 * Opens the stores of a stage, as its functions do.
 *
 * @param file the environment of a function of the stage; undefined for the local mode that runs on $DATA_DIR.
 * @throws Error for a file that cannot be read, and where no local mode runs.
 */
export function openStage(file: string | undefined) {
  const settings = file === undefined ? localSettings() : stageSettings(file);
  const table = openTable(settings.TABLE_NAME);
  const secrets = openSecrets({
    prefix: settings.SECRETS_PREFIX,
    kmsKeyId: settings.SECRETS_KMS_KEY_ID,
    tags: z.record(z.string(), z.string()).parse(JSON.parse(settings.SECRETS_TAGS ?? '{}')),
  });
  const context = { ...createBaseContext(), correlationId: 'credentials' };
  const keyring = createSealer(keyringOf(secrets.client, settings.CREDENTIALS_KEY_SECRET));
  const sealed = openSealedStore({ table, keys: projectKeys(table, keyring, context), clock: context.clock });
  return {
    connections: everyConnection(checkSchedule(table)),
    ports: {
      ...context,
      connections: connectionReader(table),
      unitOfWork: committer(table, context),
      credentials: {
        ...readerOf({
          'secret-per-connection': credentialReader(secrets),
          sealed: sealedCredentialReader(sealed),
        }),
        ...promoterOf({
          'secret-per-connection': credentialPromoter(secrets),
          sealed: sealedCredentialPromoter(sealed),
        }),
        ...importerOf({
          'secret-per-connection': credentialImporter(secrets),
          sealed: sealedCredentialImporter(sealed),
        }),
        ...removerOf({
          'secret-per-connection': credentialRemover(secrets),
          sealed: sealedCredentialRemover(sealed),
        }),
      },
    },
    close() {
      table.client.destroy();
      secrets.client.destroy();
    },
  };
}

function stageSettings(file: string): z.output<typeof environment> {
  const { success, data } = environment.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) throw new Error(`${file} is not the environment of a function that writes credentials.`);
  return data;
}

/** Directs the SDK to the stand-ins of the running local mode. */
function localSettings(): z.output<typeof environment> {
  const file = join(process.env.DATA_DIR ?? '.local', 'session.json');
  let found: z.output<typeof session>;
  try {
    found = session.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Error(`${file} cannot be read: start local mode first, with npm start.`);
  }
  Object.assign(process.env, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: found.runtime.accessKeyId,
    AWS_SECRET_ACCESS_KEY: found.runtime.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: found.dynamodbUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: found.secretsManagerUrl,
  });
  return { TABLE_NAME: found.tableName, SECRETS_PREFIX, CREDENTIALS_KEY_SECRET };
}

/** Yields every connection, by the slots of its checks. */
async function* everyConnection(
  schedule: Pick<ReturnType<typeof checkSchedule>, 'due'>,
): AsyncGenerator<ConnectionRef> {
  for (const cadence of CADENCES) {
    for (let slot = 0; slot < PERIOD_MINUTES[cadence]; slot += 1) yield* schedule.due(cadence, slot);
  }
}
