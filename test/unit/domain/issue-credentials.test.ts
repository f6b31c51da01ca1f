import { expect, test } from 'vitest';
import { catalog } from '../../../shared/catalog/index.ts';
import { issueCredentials } from '../../../shared/domain/connections/issue-credentials.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const connection = newConnection('2026-03-01T10:00:00.000Z');
const ref = { projectId: connection.projectId, connectionId: connection.id };
const entered = { apiKey: 'made-up-key', token: 'made-up-token' };

/** Issues the credentials of a Trello connection whose secret holds these fields. */
async function issued(fields: Readonly<Record<string, string>>) {
  const { credentials } = await issueCredentials(ref, {
    catalog,
    connections: { find: async () => newStoredConnection(connection) },
    credentials: { read: async () => new Credentials(fields) },
  });
  return credentials.reveal();
}

test('the engine is issued the fields of the provider, and nothing else that the secret holds', async () => {
  expect(await issued(entered)).toEqual(entered);
  expect(await issued({ ...entered, refreshToken: 'made-up-refresh', internal: 'x' })).toEqual(entered);
});
