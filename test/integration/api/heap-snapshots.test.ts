import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USERS } from '../../../local/users.ts';
import { CREDENTIAL_STORES } from '../../../shared/domain/terms.ts';
import { TestBackend } from '../../harness/backend.ts';
import { Canary } from './canary.ts';

const run = promisify(execFile);
const PROGRAM = fileURLToPath(new URL('../../harness/heap-snapshots.ts', import.meta.url));
/** V8 shortens longer texts in a snapshot. */
const TEXT_LIMIT = '--heap-snapshot-string-limit=100000000';

describe.each(CREDENTIAL_STORES)('in the memory of a function, with the store %s,', (store) => {
  let backend: TestBackend;
  beforeAll(async () => {
    process.env.CREDENTIALS_STORE = store;
    backend = await TestBackend.open();
  });
  afterAll(async () => {
    await backend.close();
  });

  /** Returns an event of API Gateway, of a user or of the engine. */
  function eventOf(method: string, pathParameters: object, authorizer: object) {
    const headers = { authorization: `Bearer ${backend.session.tokens.administrator}` };
    const http = { method, path: '/', sourceIp: '127.0.0.1', userAgent: 'test' };
    const requestContext = { http, requestId: 'test', domainName: 'test', authorizer };
    return {
      version: '2.0',
      rawPath: '/',
      headers,
      pathParameters,
      requestContext,
      isBase64Encoded: false,
    };
  }

  test('no credentials are found after it listed, and they are found after it issued', async () => {
    const project = await backend.createProject();
    const canary = new Canary();
    const credentials = { apiKey: canary.core, token: canary.core };
    const { id, flowId } = await project.connect({ provider: 'trello', credentials });
    const snapshots = ['lists', 'credentials'].map((name) => join(backend.dataDir, `${name}.heapsnapshot`));
    const [afterLists = '', afterIssue = ''] = snapshots;
    const user = { jwt: { claims: { sub: USERS.administrator.id }, scopes: null } };
    const inProject = { projectId: project.id };
    const onConnection = { ...inProject, connectionId: id };
    const groups = [
      {
        snapshot: afterLists,
        invocations: [
          { entry: 'http/connections/list', event: eventOf('GET', inProject, user) },
          { entry: 'http/connections/get', event: eventOf('GET', onConnection, user) },
          { entry: 'http/connections/history', event: eventOf('GET', onConnection, user) },
          { entry: 'http/flows/list', event: eventOf('GET', inProject, user) },
        ],
      },
      {
        snapshot: afterIssue,
        invocations: [
          {
            entry: 'http/engine/issue-credentials',
            event: eventOf('POST', onConnection, { iam: { accessKey: 'made-up', userArn: 'arn:made-up' } }),
          },
        ],
      },
    ];
    const { stdout } = await run(process.execPath, [TEXT_LIMIT, PROGRAM, JSON.stringify(groups)]);
    expect(JSON.parse(stdout.slice(stdout.lastIndexOf('[')))).toEqual([200, 200, 200, 200, 200]);
    const texts = await Promise.all(snapshots.map((file) => readFile(file, 'utf8')));
    await Promise.all(snapshots.map((file) => rm(file)));
    // The lists themselves are in the snapshot.
    expect(texts.map((text) => text.includes(flowId))).toEqual([true, true]);
    expect(texts.map((text) => canary.isIn(text))).toEqual([false, true]);
  });
});
