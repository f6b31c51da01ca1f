import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import { removeSession, runningAt, type Session, writeSession } from '../../../local/session.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'session-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const sessionAt = (apiUrl: string): Session => ({
  apiUrl,
  consoleUrl: apiUrl,
  projectId: 'demo',
  tokens: { administrator: '', member: '', outsider: '' },
  runtime: { accessKeyId: '', secretAccessKey: '', region: '', service: 'execute-api' },
  sandboxUrl: '',
  dynamodbUrl: '',
  tableName: '',
  secretsManagerUrl: '',
  pid: process.pid,
});

test('data is in use while the local mode that wrote its session responds', async () => {
  expect(await runningAt(dataDir)).toBeUndefined();
  const server = createServer((_, response) => response.end('{}'));
  const { url: apiUrl } = await listen(server);
  writeSession(dataDir, sessionAt(apiUrl));
  expect(await runningAt(dataDir)).toBe(apiUrl);
  await close(server);
  // As after a kill: the file is left, and nothing responds.
  expect(await runningAt(dataDir)).toBeUndefined();
  removeSession(dataDir);
  expect(await runningAt(dataDir)).toBeUndefined();
});
