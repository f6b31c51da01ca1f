import { paginateListSecrets, type SecretsManager } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { started } from '../../../fixtures/secrets-manager/started.ts';

async function withSecrets(...names: string[]) {
  const server = await started();
  for (const Name of names) {
    await server.client.createSecret({ Name, SecretString: 'made up', Description: `Of ${Name}` });
  }
  return server;
}

type ListInput = Parameters<SecretsManager['listSecrets']>[0];
const names = async (client: SecretsManager, input: ListInput = {}) =>
  (await client.listSecrets(input)).SecretList?.map(({ Name }) => Name);

test('ListSecrets: by date of creation, without values, with labels and dates', async () => {
  const { client, now } = await withSecrets('b', 'a');
  const { SecretList = [] } = await client.listSecrets({});
  expect(SecretList.map(({ Name }) => Name)).toEqual(['b', 'a']);
  expect(SecretList[0]).toMatchObject({ CreatedDate: now(), Description: 'Of b' });
  expect(Object.values(SecretList[0]?.SecretVersionsToStages ?? {})).toEqual([['AWSCURRENT']]);
  expect(JSON.stringify(SecretList)).not.toContain('made up');
  expect(await names(client, { SortOrder: 'desc' })).toEqual(['a', 'b']);
});

test('ListSecrets: secrets scheduled for deletion only with IncludePlannedDeletion', async () => {
  const { client } = await withSecrets('stays', 'goes');
  const { DeletionDate } = await client.deleteSecret({ SecretId: 'goes', RecoveryWindowInDays: 7 });
  expect(await names(client)).toEqual(['stays']);
  const { SecretList } = await client.listSecrets({ IncludePlannedDeletion: true });
  expect(SecretList).toMatchObject([{ Name: 'stays' }, { Name: 'goes', DeletedDate: DeletionDate }]);
});

test('ListSecrets: filter by name is a prefix match with regard to case; "!" negates; values add up', async () => {
  const { client } = await withSecrets('app/one', 'App/two', 'web/three');
  const byName = (...Values: string[]) => names(client, { Filters: [{ Key: 'name', Values }] });
  expect(await byName('app/')).toEqual(['app/one']);
  expect(await byName('pp/')).toEqual([]);
  expect(await byName('app/', 'web')).toEqual(['app/one', 'web/three']);
  expect(await byName('!app/')).toEqual(['App/two', 'web/three']);
});

test('ListSecrets: filter by description disregards case, and several filters must all hold', async () => {
  const { client } = await withSecrets('app/one', 'app/two');
  const Filters = [
    { Key: 'description' as const, Values: ['OF APP'] },
    { Key: 'name' as const, Values: ['app/t'] },
  ];
  expect(await names(client, { Filters })).toEqual(['app/two']);
});

test.each(['asc', 'desc'] as const)(
  'ListSecrets pages %s: each secret once, full pages, no token at the end',
  async (SortOrder) => {
    const all = Array.from({ length: 7 }, (_, n) => `app/${n}`);
    const { client } = await withSecrets(...all, 'other');
    const pages: (string | undefined)[][] = [];
    const Filters = [{ Key: 'name' as const, Values: ['app/'] }];
    for await (const page of paginateListSecrets({ client, pageSize: 3 }, { Filters, SortOrder })) {
      pages.push(page.SecretList?.map(({ Name }) => Name) ?? []);
    }
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(SortOrder === 'asc' ? all : all.toReversed());
  },
);

test('ListSecrets and ListSecretVersionIds: a made-up token is InvalidNextTokenException', async () => {
  const { client } = await withSecrets('app');
  const refusal = { name: 'InvalidNextTokenException', $metadata: { httpStatusCode: 400 } };
  await expect(client.listSecrets({ NextToken: 'made-up' })).rejects.toMatchObject(refusal);
  await expect(client.listSecretVersionIds({ SecretId: 'app', NextToken: 'made-up' })).rejects.toMatchObject(
    refusal,
  );
});

test('ListSecretVersionIds: dates, labels and the default key of each version', async () => {
  const { client, now } = await withSecrets('app');
  await client.getSecretValue({ SecretId: 'app' });
  const { Versions } = await client.listSecretVersionIds({ SecretId: 'app' });
  expect(Versions).toMatchObject([
    {
      CreatedDate: now(),
      LastAccessedDate: new Date('2026-11-02T00:00:00.000Z'),
      VersionStages: ['AWSCURRENT'],
      KmsKeyIds: ['DefaultEncryptionKey'],
    },
  ]);
});
