import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startRelay } from '../../../local/streams/relay.ts';
import { createTable } from '../../../local/table/create.ts';
import { type Engine, startEngine } from '../../../local/table/engine.ts';

const tableName = randomUUID();
let engine: Engine;
let folder: string;
beforeAll(async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  folder = mkdtempSync(join(tmpdir(), 'relay-'));
  engine = await startEngine({});
  await createTable(tableName, engine.url);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllEnvs();
});

async function put(pk: string): Promise<void> {
  const client = new DynamoDBClient({ endpoint: engine.url });
  await client.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: pk }, sk: { S: 'x' } } }));
  client.destroy();
}

/** Starts a relay that keeps its checkpoint in `checkpointFile`, and lists the keys of the records it delivers. */
async function listen(checkpointFile: string, maySaveCheckpoint: () => boolean) {
  const keys: (string | undefined)[] = [];
  const relay = await startRelay({
    tableName,
    endpoint: engine.url,
    checkpointFile,
    subscribers: [async (records) => void keys.push(...records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S))],
    maySaveCheckpoint,
    onError: () => undefined,
  });
  return { keys, relay };
}

test('delivers records once, and again after a restart where it could not save the checkpoint', async () => {
  const checkpointFile = join(folder, 'checkpoint.json');
  await put('one');
  const interrupted = await listen(checkpointFile, () => false);
  await interrupted.relay.drain();
  await put('two');
  await interrupted.relay.drain();
  await interrupted.relay.close();
  expect(interrupted.keys).toEqual(['one', 'two']);
  expect(existsSync(checkpointFile)).toBe(false);

  let isComplete = false;
  const restarted = await listen(checkpointFile, () => isComplete);
  await restarted.relay.drain();
  isComplete = true;
  await restarted.relay.close();
  expect(restarted.keys).toEqual(['one', 'two']);

  await put('three');
  const last = await listen(checkpointFile, () => true);
  await last.relay.drain();
  await last.relay.close();
  expect(last.keys).toEqual(['three']);
});

test('delivers records again that a subscriber failed to handle, and those after them', async () => {
  const keys: unknown[] = [];
  let isFailing = false;
  const relay = await startRelay({
    tableName,
    endpoint: engine.url,
    checkpointFile: join(folder, 'failing.json'),
    subscribers: [
      async (records) => {
        if (isFailing) throw new Error('not handled');
        keys.push(...records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S));
      },
    ],
    onError: () => undefined,
  });
  await relay.drain();
  await put('four');
  isFailing = true;
  await expect(relay.drain()).rejects.toThrow('not handled');
  isFailing = false;
  await put('five');
  await relay.drain();
  await relay.close();
  expect(keys.slice(-2)).toEqual(['four', 'five']);
});
