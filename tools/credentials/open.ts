import * as z from 'zod/mini';
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
import { stageEnvironment } from '../stage/environment.ts';

/**
 * Opens the stores of a stage, as its functions do.
 *
 * @param file the environment of a function of the stage; undefined for the local mode that runs on $DATA_DIR.
 * @throws Error for a file that cannot be read, and where no local mode runs.
 */
export function openStage(file: string | undefined) {
  const settings = stageEnvironment(file);
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

/** Yields every connection, by the slots of its checks. */
async function* everyConnection(
  schedule: Pick<ReturnType<typeof checkSchedule>, 'due'>,
): AsyncGenerator<ConnectionRef> {
  for (const cadence of CADENCES) {
    for (let slot = 0; slot < PERIOD_MINUTES[cadence]; slot += 1) yield* schedule.due(cadence, slot);
  }
}
