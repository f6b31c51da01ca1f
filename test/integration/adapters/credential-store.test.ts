import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  credentialImporter,
  credentialReader,
  credentialRemover,
  credentialWriter,
  openSecrets,
} from '../../../shared/adapters/aws/secrets/credential-store.ts';
import { keyringOf } from '../../../shared/adapters/aws/secrets/keyring.ts';
import { projectKeys } from '../../../shared/adapters/aws/table/project-keys.ts';
import {
  openSealedStore,
  sealedCredentialImporter,
  sealedCredentialReader,
  sealedCredentialRemover,
  sealedCredentialWriter,
} from '../../../shared/adapters/aws/table/sealed-credentials.ts';
import { createSealer } from '../../../shared/adapters/sealing/sealer.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { CredentialsVersion } from '../../../shared/domain/credentials/store.ts';
import { CREDENTIAL_STORES, type CredentialStoreName } from '../../../shared/domain/terms.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { started } from '../../harness/secrets-manager/started.ts';
import { testTable } from '../../harness/table.ts';

const table = testTable();

/** Errors of reads of retired credentials. */
const GONE: Readonly<Record<CredentialStoreName, RegExp>> = {
  'secret-per-connection': /^Secrets Manager: GetSecretValue failed: InvalidRequestException$/,
  sealed: /^Sealed credentials: the version does not exist.$/,
};

const IDS = [1, 2, 3].map((number) => `019c9f0c-0000-7000-8000-00000000000${number}`);

async function openStore(name: CredentialStoreName) {
  const { url, client } = await started();
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
  });
  if (name === 'secret-per-connection') {
    const secrets = openSecrets({ prefix: 'test/', kmsKeyId: undefined, tags: {} });
    onTestFinished(() => secrets.client.destroy());
    return {
      ...credentialReader(secrets),
      ...credentialWriter(secrets),
      ...credentialRemover(secrets),
      ...credentialImporter(secrets),
    };
  }
  await client.createSecret({ Name: 'key', SecretString: '{"current":"1","1":"made-up"}' });
  const context = createBaseContext();
  const keys = projectKeys(table(), createSealer(keyringOf(client, 'key')), context);
  const sealed = openSealedStore({ table: table(), keys, clock: context.clock });
  return {
    ...sealedCredentialReader(sealed),
    ...sealedCredentialWriter(sealed),
    ...sealedCredentialRemover(sealed),
    ...sealedCredentialImporter(sealed),
  };
}

describe.each(CREDENTIAL_STORES)('credentials: %s', (name) => {
  /** The store with a connection's first version in it. */
  let store: Awaited<ReturnType<typeof openStore>>;
  let first: CredentialsVersion;
  let second: CredentialsVersion;
  let third: CredentialsVersion;
  beforeEach(async () => {
    store = await openStore(name);
    const connectionId = `con_${randomUUID()}`;
    const [one, two, three] = IDS.map((version) => ({
      projectId: 'demo',
      connectionId,
      store: name,
      version,
    }));
    if (!one || !two || !three) throw new Error('A version is missing.');
    [first, second, third] = [one, two, three];
    await store.create(first, credentialsOf(first), 'trello');
  });

  const credentialsOf = ({ version }: CredentialsVersion) =>
    new Credentials({ token: `token of ${version}` });
  const readToken = async (version: CredentialsVersion) => (await store.read(version)).reveal().token;

  test('promote the first version, and no later one by itself', async () => {
    await store.put(second, credentialsOf(second));
    expect(await store.promoted(first)).toBe(first.version);
    for (const version of [first, second])
      expect(await readToken(version)).toBe(`token of ${version.version}`);
  });

  test('promote a version if the expected one was promoted before', async () => {
    await store.put(second, credentialsOf(second));
    expect(await store.promote(second, first.version)).toBe(true);
    expect(await store.promoted(first)).toBe(second.version);
    expect(await readToken(first)).toBe(`token of ${first.version}`);
  });

  test('promote nothing if another version was promoted meanwhile', async () => {
    await store.put(second, credentialsOf(second));
    await store.put(third, credentialsOf(third));
    await store.promote(third, first.version);
    expect(await store.promote(second, first.version)).toBe(false);
    expect(await store.promoted(first)).toBe(third.version);
  });

  test('know which versions were put', async () => {
    await store.put(second, credentialsOf(second));
    const known = await Promise.all([first, second, third].map((version) => store.exists(version)));
    expect(known).toEqual([true, true, false]);
  });

  test('accept repeated calls', async () => {
    for (const _ of ['first', 'repeated']) {
      await store.create(first, credentialsOf(first), 'trello');
      await store.put(second, credentialsOf(second));
    }
    await store.promote(second, first.version);
    await store.put(second, credentialsOf(second));
    expect(await store.promoted(first)).toBe(second.version);
    for (const _ of ['first', 'repeated']) await store.retire(first);
    await store.retire({ ...first, connectionId: 'con_unknown' });
  });

  test('have nothing to promote when they are gone', async () => {
    await store.put(second, credentialsOf(second));
    await store.retire(first);
    expect(await store.promote(second, first.version)).toBe(true);
    expect(await store.promoted({ ...first, connectionId: 'con_unknown' })).toBeUndefined();
  });

  test('cannot be read once they are retired, and the error repeats nothing of them', async () => {
    await store.retire(first);
    await expect(store.read(first)).rejects.toThrow(GONE[name]);
    expect(await store.readIfKept(first)).toBeUndefined();
    expect(await store.readIfKept(third)).toBeUndefined();
  });

  test('come back when the deletion is ended, with the version that served', async () => {
    await store.put(second, credentialsOf(second));
    await store.promote(second, first.version);
    await store.retire(first);
    expect(await store.restore(first)).toBe(true);
    expect(await readToken(second)).toBe(`token of ${second.version}`);
    expect(await store.promoted(first)).toBe(second.version);
    expect(await store.restore({ ...first, connectionId: 'con_unknown' })).toBe(false);
  });

  describe('that are imported', () => {
    test('are new', async () => {
      const other = { ...second, connectionId: `con_${randomUUID()}` };
      for (const _ of ['first', 'repeated']) await store.import(other, credentialsOf(other), 'trello');
      expect(await readToken(other)).toBe(`token of ${other.version}`);
      expect(await store.promoted(other)).toBe(other.version);
    });

    test('replace an older version, which an interrupted migration left', async () => {
      await store.import(second, credentialsOf(second), 'trello');
      expect(await readToken(second)).toBe(`token of ${second.version}`);
      expect(await store.promoted(first)).toBe(second.version);
    });

    test('end the deletion of what an earlier migration retired', async () => {
      await store.retire(first);
      await store.import(first, credentialsOf(first), 'trello');
      expect(await readToken(first)).toBe(`token of ${first.version}`);
      expect(await store.promoted(first)).toBe(first.version);
    });
  });
});
