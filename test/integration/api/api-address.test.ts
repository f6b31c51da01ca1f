import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { TestBackend } from '../../harness/backend.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/** Renames a connection by a request with that Host header, which `fetch` does not send. */
async function renameWithHost(host: string, path: string): Promise<{ status: number; body: string }> {
  const { apiUrl, tokens } = backend.session;
  const body = JSON.stringify({ name: `Renamed ${host.length}` });
  const headers = {
    host,
    authorization: `Bearer ${tokens.administrator}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const sent = request(`${apiUrl}${path}`, { method: 'PATCH', headers });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, body: await text(response) };
}

test.each(['a b', 'evil.example', '[', '%', ''])(
  'addresses never come from the Host header: %j',
  async (host) => {
    const project = await backend.createProject();
    const { id } = await project.connect();
    const { status, body } = await renameWithHost(host, `/v1/projects/${project.id}/connections/${id}`);
    expect([status, body]).toEqual([200, expect.stringContaining(`"iconUrl":"${backend.session.apiUrl}/`)]);
  },
);
