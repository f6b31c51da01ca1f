import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signerFor, verifySignature } from '../../../local/api-gateway/sigv4.ts';
import { signIndependently, type ToSign } from './independent-signer.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const KEY = {
  accessKeyId: 'LOCALENGINE',
  secretAccessKey: 'made-up-secret-of-a-test',
  region: 'eu-central-1',
};
const URL_PATH = '/v1/runtime/projects/demo/connections/con_1/credentials';

type SignedRequest = Parameters<typeof verifySignature>[0];

function received(request: ToSign, headers = signIndependently(request)): SignedRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    encodedPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    body: Buffer.from(request.body ?? ''),
  };
}

function toSign(overrides: Partial<ToSign> = {}): ToSign {
  const url = `http://127.0.0.1:8787${URL_PATH}`;
  return { method: 'POST', url, body: '{"a":1}', at: NOW, ...KEY, ...overrides };
}

function reasonFor(request: SignedRequest, now = NOW): Promise<string | undefined> {
  return verifySignature(request, KEY, now);
}

describe('accepted', () => {
  test('any query and body, signed by an independent implementation', async () => {
    const pair = fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(fc.array(pair, { maxLength: 5 }), fc.string(), async (query, body) => {
        const url = `http://127.0.0.1:8787${URL_PATH}?${new URLSearchParams(query)}`;
        expect(await reasonFor(received(toSign({ url, body })))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test('a path with encoded characters', async () => {
    const url = 'http://127.0.0.1:8787/v1/runtime/projects/a%20b/members/u%3A1';
    expect(await reasonFor(received(toSign({ url })))).toBeUndefined();
  });

  test("the SDK's own signer, which adds the hash of the body", async () => {
    const signed = await signerFor(KEY).sign(
      {
        method: 'POST',
        protocol: 'http:',
        hostname: '127.0.0.1',
        path: URL_PATH,
        headers: { host: '127.0.0.1:8787', 'content-type': 'application/json' },
        body: '{"a":1}',
      },
      { signingDate: NOW },
    );
    expect(signed.headers['x-amz-content-sha256']).toBeDefined();
    expect(await reasonFor(received(toSign(), signed.headers))).toBeUndefined();
  });

  test('a clock five minutes off', async () => {
    for (const minutes of [-5, 5]) {
      expect(await reasonFor(received(toSign()), new Date(NOW.getTime() + minutes * 60_000))).toBeUndefined();
    }
  });
});

describe('refused', () => {
  const signed = signIndependently(toSign());
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const sent = (name: string, value: string) => received(toSign({ headers: { [name]: value } }));
  const signedWith = (change: (header: string) => string) =>
    received(toSign(), { ...signed, authorization: change(signed.authorization ?? '') });

  test.each<[string, SignedRequest]>([
    ['another key', received(toSign({ accessKeyId: 'OTHER' }))],
    ['another secret', received(toSign({ secretAccessKey: 'guess' }))],
    ['another region', received(toSign({ region: 'us-east-1' }))],
    ['another service', received(toSign({ service: 's3' }))],
    ['another method', { ...received(toSign()), method: 'PUT' }],
    ['another path', { ...received(toSign()), encodedPath: '/v1/other' }],
    ['another query', { ...received(toSign()), rawQueryString: 'a=1' }],
    ['another body', { ...received(toSign()), body: Buffer.from('{}') }],
    ['another host', received(toSign(), { ...signed, host: 'elsewhere.example' })],
    ['a scope of another day', signedWith((header) => header.replace('20261123', '20261122'))],
  ])('a signature for %s', async (_, request) => {
    expect(await reasonFor(request)).toBe('the signature does not match the request');
  });

  test.each<[string, SignedRequest, string]>([
    ['no signature', received(toSign(), {}), 'the authorization header has no signature'],
    [
      'a bearer token',
      received(toSign(), { authorization: 'Bearer x' }),
      'the authorization header has no signature',
    ],
    ['a session token', sent('x-amz-security-token', 'made-up'), 'session tokens are not supported'],
    [
      'an unsigned x-amz header',
      received(toSign(), { ...signed, 'x-amz-extra': '1' }),
      'a header is not signed',
    ],
    ['an unsigned host', signedWith((header) => header.replace('host;', '')), 'a header is not signed'],
    [
      'a signed hash of another body',
      sent('x-amz-content-sha256', sha256('{}')),
      'the body has another hash',
    ],
    ['an unsigned payload', sent('x-amz-content-sha256', 'UNSIGNED-PAYLOAD'), 'the body has another hash'],
    [
      'a malformed date',
      received(toSign(), { ...signed, 'x-amz-date': '20261399T000000Z' }),
      'x-amz-date is missing or malformed',
    ],
  ])('%s', async (_name, request, reason) => {
    expect(await reasonFor(request)).toBe(reason);
  });

  test('a clock more than five minutes off', async () => {
    for (const seconds of [-301, 301]) {
      const now = new Date(NOW.getTime() + seconds * 1000);
      expect(await reasonFor(received(toSign()), now)).toBe('the signature is too old or too new');
    }
  });
});
