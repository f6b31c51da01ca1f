import { openSecrets } from '../../shared/adapters/aws/secrets/client.ts';
import { secretReader } from '../../shared/adapters/aws/secrets/reader.ts';
import { secretRemover, secretWriter } from '../../shared/adapters/aws/secrets/writer.ts';
import { optionalSetting, setting } from '../../shared/runtime/environment.ts';
import { lazy } from '../../shared/runtime/lazy.ts';

const secrets = lazy(() =>
  openSecrets({ prefix: setting('SECRETS_PREFIX'), kmsKeyId: optionalSetting('SECRETS_KMS_KEY_ID') }),
);

/** Behind `secrets:read`. */
export const secretsRead = () => secretReader(secrets());

/** Behind `secrets:write`. */
export const secretsWrite = () => secretWriter(secrets());

/** Behind `secrets:remove`. */
export const secretsRemove = () => secretRemover(secrets());
