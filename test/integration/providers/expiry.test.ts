import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { close, listen } from '../../../local/loopback.ts';
import { createVerifier } from '../../../shared/adapters/providers/verifier.ts';
import { catalog } from '../../../shared/catalog/index.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';

/** GitLab's response to the second request, which reads the token's expiry. */
let second: { status: number; body: string };
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((incoming, response) => {
    if (incoming.url === '/gitlab.com/api/v4/user') response.end('{"id":7,"username":"jo"}');
    else response.writeHead(second.status).end(second.body);
  });
  ({ url } = await listen(server));
});
afterAll(() => close(server));

describe('a second request for the expiry', () => {
  const account = { id: '7', label: 'jo' };
  const unavailable = { outcome: 'unavailable', retryAfterSeconds: 60 };

  it.each([
    [
      'returns it',
      200,
      '{"expires_at":"2099-01-02"}',
      { outcome: 'ok', account, expiresAt: '2099-01-02T00:00:00.000Z' },
    ],
    ['returns none', 200, '{"expires_at":null}', { outcome: 'ok', account, expiresAt: null }],
    ['is forbidden', 403, '{"error":"insufficient_scope"}', { outcome: 'ok', account, expiresAt: null }],
    ['meets an outage', 503, '', { ...unavailable, cause: 'server_error' }],
    ['meets a limit', 429, '', { outcome: 'rate_limited', retryAfterSeconds: 60 }],
    ['meets a page', 200, '<html>', { ...unavailable, cause: 'unexpected_response' }],
    ['is redirected', 302, '', { ...unavailable, cause: 'redirect' }],
  ])('that %s (%i)', async (_what, status, body, verification) => {
    second = { status, body };
    const gitlab = catalog.get('gitlab');
    if (gitlab === undefined) throw new Error('no gitlab');
    const verifier = createVerifier({ endpointUrl: url });
    expect(await verifier.verify(gitlab, new Credentials({ token: 'sample-token' }))).toEqual(verification);
  });
});
