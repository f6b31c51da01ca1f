import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  InvalidRequestException,
  PutSecretValueCommand,
  paginateListSecrets,
  ResourceExistsException,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { REGION } from '../local/environment.ts';
import { builtInProviders } from '../shared/catalog/index.ts';
import { OAUTH_CLIENTS_FOLDER } from '../shared/domain/terms.ts';

const HELP = `Keeps the platform's OAuth clients, one secret each in Secrets Manager.

  npm run oauth-client -- put <client> --stage <stage> --client-id <id>   the client secret is read from standard input
  npm run oauth-client -- list --stage <stage>
  npm run oauth-client -- remove <client> --stage <stage>                 it can be restored for 7 days

  --stage local       the local mode that runs on $DATA_DIR (.local unless set)
  --kms-key-id <id>   key of a new secret, such as alias/connections-<stage>-secrets; the account's own unless given

Functions see a new client within ten seconds, and a change within five minutes. Register the output OAuthCallback of
the API stack, with the client's name at its end, as redirect URI at the provider.
`;

/** Longer than any provider's secret; a whole file on standard input is a mistake. */
const MAX_SECRET_LENGTH = 4_096;
const CLIENT = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const STAGE = /^[a-z][a-z0-9-]{0,11}$/;

interface Options {
  readonly stage?: string | undefined;
  readonly 'client-id'?: string | undefined;
  readonly 'kms-key-id'?: string | undefined;
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stage: { type: 'string' },
      'client-id': { type: 'string' },
      'kms-key-id': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help || positionals.length === 0) process.stdout.write(HELP);
  else await run(positionals, values);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function run([command, client, ...more]: readonly string[], options: Options): Promise<void> {
  if (more.length > 0) throw new Error(`What is "${more[0]}"? See --help; the secret is never an argument.`);
  const stage = options.stage ?? '';
  if (!STAGE.test(stage)) throw new Error('--stage is missing, or no name of a stage.');
  const secrets = openSecrets(stage);
  const prefix = `${OAUTH_CLIENTS_FOLDER}${stage}/`;
  try {
    if (command === 'list') return await list(secrets, prefix);
    if (client === undefined || !CLIENT.test(client)) {
      throw new Error(
        'The name of the client is missing: lower-case words joined by hyphens, such as google.',
      );
    }
    if (command === 'put') return await put(secrets, { name: prefix + client, client, options });
    if (command === 'remove') return await remove(secrets, prefix + client, client);
    throw new Error(`There is no command "${command}": put, list or remove.`);
  } finally {
    secrets.destroy();
  }
}

/** Opens the stage's Secrets Manager: that of the AWS credentials in use, or of the running local mode. */
function openSecrets(stage: string): SecretsManagerClient {
  if (stage !== 'local') return new SecretsManagerClient();
  const file = join(process.env.DATA_DIR ?? '.local', 'session.json');
  let endpoint: string;
  try {
    endpoint = JSON.parse(readFileSync(file, 'utf8')).secretsManagerUrl;
  } catch {
    throw new Error(`${file} cannot be read: start local mode first, with npm start.`);
  }
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SecretsManagerClient({ endpoint, region: REGION, credentials });
}

async function put(
  secrets: SecretsManagerClient,
  { name, client, options }: { readonly name: string; readonly client: string; readonly options: Options },
): Promise<void> {
  const clientId = options['client-id'];
  if (!clientId) throw new Error('--client-id is missing.');
  if (process.stdin.isTTY) process.stderr.write('Client secret, then Ctrl-D: ');
  const clientSecret = (await text(process.stdin)).trim();
  if (clientSecret === '') throw new Error('Standard input holds no client secret.');
  if (clientSecret.length > MAX_SECRET_LENGTH)
    throw new Error('Standard input is too long for a client secret.');
  const SecretString = JSON.stringify({ clientId, clientSecret });
  const KmsKeyId = options['kms-key-id'];
  try {
    await secrets.send(new CreateSecretCommand({ Name: name, SecretString, ...(KmsKeyId && { KmsKeyId }) }));
  } catch (error) {
    const isKnown = error instanceof ResourceExistsException || error instanceof InvalidRequestException;
    if (!isKnown) throw error;
    await secrets.send(new RestoreSecretCommand({ SecretId: name }));
    await secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
  }
  process.stdout.write(
    `Put the client ${client}, for ${servedBy(client) || 'no provider of the catalog'}.\n`,
  );
}

async function list(secrets: SecretsManagerClient, prefix: string): Promise<void> {
  const Filters = [{ Key: 'name' as const, Values: [prefix] }];
  let count = 0;
  for await (const { SecretList = [] } of paginateListSecrets({ client: secrets }, { Filters })) {
    for (const { Name = '', LastChangedDate } of SecretList) {
      const client = Name.slice(prefix.length);
      const changed = LastChangedDate?.toISOString() ?? '';
      process.stdout.write(`${client.padEnd(20)} ${changed}  ${servedBy(client)}\n`);
      count += 1;
    }
  }
  if (count === 0) process.stdout.write('There are no OAuth clients yet.\n');
}

async function remove(secrets: SecretsManagerClient, SecretId: string, client: string): Promise<void> {
  try {
    await secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  } catch (error) {
    const isGone = error instanceof ResourceNotFoundException || error instanceof InvalidRequestException;
    throw isGone ? new Error(`There is no client ${client}.`) : error;
  }
  process.stdout.write(`Removed the client ${client}. Putting it again within 7 days restores it.\n`);
}

/** Returns the providers that a client serves. */
function servedBy(client: string): string {
  const served = builtInProviders().filter(({ entry }) => entry.oauth2?.client === client);
  return served.map(({ entry }) => entry.id).join(', ');
}
