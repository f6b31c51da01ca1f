import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { tableNameOf } from '../../local/data-folder.ts';
import { REGION, SECRET_NAMES } from '../../local/environment.ts';

/** The variables of a function that verifies credentials, which name the resources of its stage. */
const environment = z.object({
  TABLE_NAME: z.string(),
  SECRETS_PREFIX: z.string(),
  CREDENTIALS_KEY_SECRET: z.string(),
  DATA_KEY_SECRET: z.string(),
  OAUTH_CLIENTS_PREFIX: z.string(),
  SECRETS_KMS_KEY_ID: z.optional(z.string()),
  SECRETS_TAGS: z.optional(z.string()),
  CREDENTIALS_STORE: z.optional(z.string()),
  PROVIDER_CALLS_PER_SECOND: z.optional(z.string()),
  PROVIDER_CALL_RATES: z.optional(z.string()),
  PROVIDERS_ENDPOINT_URL: z.optional(z.string()),
});

export type StageEnvironment = z.output<typeof environment>;

const session = z.object({
  dynamodbUrl: z.string(),
  secretsManagerUrl: z.string(),
  sandboxUrl: z.string(),
  tableName: z.string(),
  runtime: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
});

/**
 * Reads the environment of a stage's function, and directs the SDK to the stage.
 *
 * @param file the environment of a function of the stage; undefined for the local mode that runs on $DATA_DIR.
 * @throws Error for a file that cannot be read, and where no local mode runs.
 */
export function stageEnvironment(file: string | undefined): StageEnvironment {
  return file === undefined ? localEnvironment() : functionEnvironment(file);
}

function functionEnvironment(file: string): StageEnvironment {
  const { success, data } = environment.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!success) throw new Error(`${file} is not the environment of a function that verifies credentials.`);
  return data;
}

/** The folder of the running local mode's data. */
export function localDataDir(): string {
  return process.env.DATA_DIR ?? '.local';
}

/** Directs the SDK to the stand-ins of the running local mode. */
function localEnvironment(): StageEnvironment {
  const file = join(localDataDir(), 'session.json');
  let found: z.output<typeof session>;
  try {
    found = session.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new Error(`${file} cannot be read: start local mode first, with npm start.`);
  }
  const { tableName, runtime } = found;
  Object.assign(process.env, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: runtime.accessKeyId,
    AWS_SECRET_ACCESS_KEY: runtime.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: found.dynamodbUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: found.secretsManagerUrl,
  });
  const sandbox = tableName === tableNameOf('sandbox') && { PROVIDERS_ENDPOINT_URL: found.sandboxUrl };
  return { TABLE_NAME: tableName, ...SECRET_NAMES, ...sandbox };
}
