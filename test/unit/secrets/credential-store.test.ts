import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { credentialWriter, openSecrets } from '../../../shared/adapters/aws/secrets/credential-store.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

const secretsManager = mockClient(SecretsManagerClient);
afterEach(() => secretsManager.reset());
// Files that share a process share the class of the client.
afterAll(() => secretsManager.restore());

const writer = credentialWriter(
  openSecrets({ prefix: 'connections/test/', kmsKeyId: 'alias/made-up', tags: { stage: 'test' } }),
);
const version = {
  projectId: 'demo',
  connectionId: 'con_1',
  store: 'secret-per-connection',
  version: '019c9f0c-0000-7000-8000-000000000000',
} as const;
const credentials = new Credentials({ token: 'made-up-token' });

describe('a secret', () => {
  test('has the tags of its stage, project and provider', async () => {
    await writer.create(version, credentials, 'trello');
    const [call] = secretsManager.commandCalls(CreateSecretCommand);
    expect(call?.args[0].input).toEqual({
      Name: 'connections/test/con_1',
      ClientRequestToken: version.version,
      KmsKeyId: 'alias/made-up',
      SecretString: '{"token":"made-up-token"}',
      Tags: [
        { Key: 'stage', Value: 'test' },
        { Key: 'connections:project', Value: 'demo' },
        { Key: 'connections:provider', Value: 'trello' },
      ],
    });
  });

  test('gets a new version with the label AWSPENDING, so that the current one stays in force', async () => {
    await writer.put(version, credentials);
    const [call] = secretsManager.commandCalls(PutSecretValueCommand);
    expect(call?.args[0].input).toMatchObject({
      SecretId: 'connections/test/con_1',
      ClientRequestToken: version.version,
      VersionStages: ['AWSPENDING'],
    });
  });

  test('that could not be written fails without its value', async () => {
    secretsManager.on(PutSecretValueCommand).rejects(new Error('refused: made-up-token'));
    const error: unknown = await writer.put(version, credentials).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).not.toContain('made-up-token');
  });
});
