import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';

const HELP = `Rotates a keyring: a secret with data keys, of which the newest seals.

  npm run keyring -- rotate --secret-id <id>

Functions seal with the new key within five minutes. The older keys stay in the keyring, for what they sealed.
`;

const keyring = z.catchall(z.object({ current: z.string() }), z.string());

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { 'secret-id': { type: 'string' }, help: { type: 'boolean' } },
  });
  const [command, ...more] = positionals;
  if (values.help || command === undefined) process.stdout.write(HELP);
  else if (command !== 'rotate' || more.length > 0) throw new Error('The command is "rotate": see --help.');
  else if (values['secret-id'] === undefined) throw new Error('--secret-id is missing.');
  else await rotate(values['secret-id']);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/**
 * Adds a key by compare-and-set: the new version becomes the current one only in place of the one that was read, so that
 * two rotations at once cannot lose a key.
 */
async function rotate(SecretId: string): Promise<void> {
  const client = new SecretsManagerClient();
  try {
    const { SecretString = '', VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
    const id = await put(client, SecretId, SecretString);
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: id.version,
        RemoveFromVersionId: VersionId,
      }),
    );
    process.stdout.write(
      `Key ${id.key} seals within five minutes; the keys before it open what they sealed.\n`,
    );
  } finally {
    client.destroy();
  }
}

/** Puts a version with one key more, which does not serve yet. */
async function put(client: SecretsManagerClient, SecretId: string, text: string) {
  const { success, data } = keyring.safeParse(JSON.parse(text));
  if (!success) throw new Error('The secret is no keyring.');
  const { current: _, ...keys } = data;
  const key = String(Math.max(...Object.keys(keys).map(Number)) + 1);
  const version = randomUUID();
  const value = { ...keys, [key]: randomBytes(48).toString('base64url'), current: key };
  await client.send(
    new PutSecretValueCommand({
      SecretId,
      ClientRequestToken: version,
      SecretString: JSON.stringify(value),
      VersionStages: ['AWSPENDING'],
    }),
  );
  return { key, version };
}
