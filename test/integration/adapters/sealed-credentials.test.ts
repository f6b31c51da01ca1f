import { randomUUID } from 'node:crypto';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { decodeProtectedHeader } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { keyringOf } from '../../../shared/adapters/aws/secrets/keyring.ts';
import { projectContents } from '../../../shared/adapters/aws/table/project-contents.ts';
import { projectKeys } from '../../../shared/adapters/aws/table/project-keys.ts';
import {
  openSealedStore,
  sealedCredentialReader,
  sealedCredentialRemover,
  sealedCredentialWriter,
} from '../../../shared/adapters/aws/table/sealed-credentials.ts';
import { createSealer } from '../../../shared/adapters/sealing/sealer.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { IntegrityError } from '../../../shared/domain/credentials/sealer.ts';
import type { CredentialsVersion } from '../../../shared/domain/credentials/store.ts';
import { createBaseContext } from '../../../shared/runtime/operation-context.ts';
import { started } from '../../harness/secrets-manager/started.ts';
import { testTable } from '../../harness/table.ts';
import { TestClock } from '../../harness/test-clock.ts';

const table = testTable();
const DAY_SECONDS = 24 * 60 * 60;
const CREDENTIALS = new Credentials({ token: 'made-up-canary' });

let client: SecretsManager;
let clock: TestClock;
let projectId: string;
let version: CredentialsVersion;
beforeEach(async () => {
  ({ client } = await started());
  clock = new TestClock();
  await client.createSecret({ Name: 'key', SecretString: '{"current":"1","1":"made-up"}' });
  projectId = `project-${randomUUID()}`;
  version = versionOf(projectId);
});

const versionOf = (project: string): CredentialsVersion => ({
  ...{ projectId: project, connectionId: `con_${randomUUID()}` },
  ...{ store: 'sealed', version: randomUUID() },
});

/** The store as a process of its own, without what another one remembers. */
function openProcess() {
  const keys = projectKeys(table(), createSealer(keyringOf(client, 'key')), createBaseContext(clock));
  const store = openSealedStore({ table: table(), keys, clock });
  return {
    keys,
    ...sealedCredentialReader(store),
    ...sealedCredentialWriter(store),
    ...sealedCredentialRemover(store),
  };
}

/** Counts the reads of data keys, by project. */
function countKeyReads({ client: { middlewareStack } }: ReturnType<typeof table>) {
  const reads: string[] = [];
  middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (/^(GetItem|Query)Command$/.test(commandName)) reads.push(JSON.stringify(args.input));
        return next(args);
      },
    { step: 'initialize' },
  );
  return (project: string) => reads.filter((input) => input.includes(`"PROJECT_KEYS#${project}"`)).length;
}

const keyOf = ({ connectionId, version: id }: CredentialsVersion) => ({
  pk: `CREDENTIALS#${connectionId}`,
  sk: `VERSION#${id}`,
});

const storedItem = z.looseObject({ sealed: z.string(), ttl: z.optional(z.number()) });

async function itemOf(of: CredentialsVersion) {
  const command = new GetCommand({ TableName: table().name, Key: keyOf(of), ConsistentRead: true });
  return storedItem.parse((await table().client.send(command)).Item);
}

const writeSealed = (of: CredentialsVersion, sealed: string) =>
  table().client.send(
    new UpdateCommand({
      TableName: table().name,
      Key: keyOf(of),
      UpdateExpression: 'SET sealed = :sealed',
      ExpressionAttributeValues: { ':sealed': sealed },
    }),
  );

test('sealed credentials are nowhere in the table as plain text, and the item of each is small', async () => {
  await openProcess().create(version, CREDENTIALS, 'trello');
  const { Items } = await table().client.send(new ScanCommand({ TableName: table().name }));
  expect(JSON.stringify(Items)).not.toContain('made-up');
  expect(JSON.stringify(await itemOf(version)).length).toBeLessThan(500);
});

describe('sealed credentials are refused', () => {
  const other: Readonly<Record<string, () => CredentialsVersion>> = {
    'of another connection': () => ({ ...version, connectionId: `con_${randomUUID()}` }),
    'of another project': () => versionOf(`project-${randomUUID()}`),
    'of an older version': () => ({ ...version, version: randomUUID() }),
  };

  test.each(Object.entries(other))('in the place of those %s', async (_name, create) => {
    const process = openProcess();
    const copied = create();
    await process.create(version, CREDENTIALS, 'trello');
    await process.create(copied, new Credentials({ token: 'made-up-other' }), 'trello');
    await writeSealed(version, (await itemOf(copied)).sealed);
    const reading = openProcess().read(version);
    // The key of another project does not exist in this one, so nothing opens what it sealed.
    await expect(reading).rejects.toThrow(
      copied.projectId === version.projectId ? IntegrityError : 'the version does not exist',
    );
  });

  test('when another project names them as its own', async () => {
    await openProcess().create(version, CREDENTIALS, 'trello');
    const stolen = { ...version, projectId: `project-${randomUUID()}` };
    expect(await openProcess().readIfKept(stolen)).toBeUndefined();
  });

  test('when another project has a copy of their key', async () => {
    const process = openProcess();
    await process.create(version, CREDENTIALS, 'trello');
    const { kid } = decodeProtectedHeader((await itemOf(version)).sealed);
    const stolen = { ...version, projectId: `project-${randomUUID()}` };
    const key = { pk: `PROJECT_KEYS#${projectId}`, sk: `KEY#${kid}` };
    const { Item } = await table().client.send(new GetCommand({ TableName: table().name, Key: key }));
    const copy = { ...Item, pk: `PROJECT_KEYS#${stolen.projectId}` };
    await table().client.send(new PutCommand({ TableName: table().name, Item: copy }));
    await expect(openProcess().read(stolen)).rejects.toThrow(IntegrityError);
  });

  test.each([0, 2, 3, 4])('when part %i of their text was altered', async (part) => {
    await openProcess().create(version, CREDENTIALS, 'trello');
    const parts = (await itemOf(version)).sealed.split('.');
    parts[part] = `${parts[part]?.startsWith('A') ? 'B' : 'A'}${parts[part]?.slice(1)}`;
    await writeSealed(version, parts.join('.'));
    await expect(openProcess().read(version)).rejects.toThrow();
    await expect(openProcess().read(version)).rejects.not.toThrow(/canary/);
  });
});

describe('a version', () => {
  test('that was replaced is removed by TTL after 7 days, and the one that serves never', async () => {
    const process = openProcess();
    const next = { ...version, version: randomUUID() };
    await process.create(version, CREDENTIALS, 'trello');
    await process.put(next, CREDENTIALS);
    await process.promote(next, version.version);
    const inSevenDays = Math.ceil(clock.now().getTime() / 1000) + 7 * DAY_SECONDS;
    expect(await itemOf(version)).toMatchObject({ ttl: inSevenDays });
    expect(await itemOf(next)).not.toHaveProperty('ttl');
  });

  test('of retired credentials is removed by TTL after 7 days, unless they are brought back', async () => {
    const process = openProcess();
    await process.create(version, CREDENTIALS, 'trello');
    await process.retire(version);
    expect(await itemOf(version)).toHaveProperty('ttl');
    await process.restore(version);
    expect(await itemOf(version)).not.toHaveProperty('ttl');
  });
});

describe('the data key of a project', () => {
  const kidOf = async (of: CredentialsVersion) => decodeProtectedHeader((await itemOf(of)).sealed).kid;

  test('is its own', async () => {
    const process = openProcess();
    const [other, same] = [versionOf(`project-${randomUUID()}`), versionOf(projectId)];
    for (const created of [version, other, same]) await process.create(created, CREDENTIALS, 'trello');
    expect(await kidOf(same)).toBe(await kidOf(version));
    expect(await kidOf(other)).not.toBe(await kidOf(version));
  });

  test('is replaced after 90 days, and seals what is read then again', async () => {
    const process = openProcess();
    await process.create(version, CREDENTIALS, 'trello');
    const before = await itemOf(version);
    clock.advance(90 * DAY_SECONDS - 60);
    await process.reseal(version, await process.read(version));
    expect(await itemOf(version)).toEqual(before);
    clock.advance(61);
    await process.reseal(version, await process.read(version));
    expect(await kidOf(version)).not.toBe(decodeProtectedHeader(before.sealed).kid);
    expect((await openProcess().read(version)).reveal()).toEqual(CREDENTIALS.reveal());
  });

  test('does not seal again what was replaced meanwhile', async () => {
    const process = openProcess();
    await process.create(version, CREDENTIALS, 'trello');
    clock.advance(91 * DAY_SECONDS);
    const read = await process.read(version);
    const another = openProcess();
    await another.reseal(version, await another.read(version));
    const sealed = await itemOf(version);
    await process.reseal(version, read);
    expect(await itemOf(version)).toEqual(sealed);
  });

  test('that is deleted makes the credentials of the project unreadable, and of no other', async () => {
    const process = openProcess();
    const other = versionOf(`project-${randomUUID()}`);
    for (const created of [version, other]) await process.create(created, CREDENTIALS, 'trello');
    const longRunning = openProcess();
    await longRunning.read(version);
    await projectContents(table()).removeKeys(projectId);
    expect(await openProcess().readIfKept(version)).toBeUndefined();
    expect((await process.read(other)).reveal()).toEqual(CREDENTIALS.reveal());
    clock.advance(15 * 60);
    expect(await longRunning.readIfKept(version)).toBeUndefined();
  });

  test('is read and opened once by concurrent first uses in a process', async () => {
    await openProcess().create(version, CREDENTIALS, 'trello');
    const readsOf = countKeyReads(table());
    const process = openProcess();
    const read = await Promise.all(Array.from({ length: 10 }, () => process.read(version)));
    expect(new Set(read.map((credentials) => credentials.reveal().token))).toEqual(
      new Set(['made-up-canary']),
    );
    expect(readsOf(projectId)).toBe(1);
    const created = Array.from({ length: 10 }, () => versionOf(`new-${projectId}`));
    await Promise.all(created.map((one) => process.create(one, CREDENTIALS, 'trello')));
    const keys = created.map(async (one) => decodeProtectedHeader(String((await itemOf(one))?.sealed)).kid);
    expect(new Set(await Promise.all(keys)).size).toBe(1);
    expect(readsOf(`new-${projectId}`)).toBe(1);
  });

  test('opens in every process what two of them sealed at first at the same time', async () => {
    const versions = [version, versionOf(projectId)];
    await Promise.all(versions.map((created) => openProcess().create(created, CREDENTIALS, 'trello')));
    for (const created of versions) {
      expect((await openProcess().read(created)).reveal()).toEqual(CREDENTIALS.reveal());
    }
  });
});
