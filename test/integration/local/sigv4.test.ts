import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeSha256 } from '../../../local/api-gateway/node-sha256.ts';
import { type SignedRequest, verifySignature } from '../../../local/api-gateway/sigv4.ts';
import { signIndependently, type ToSign } from './independent-signer.ts';

const NOW = new Date('2026-11-23T08:00:00Z');
const SIGNER = {
  accessKeyId: 'LOCALENGINE',
  secretAccessKey: 'made-up-secret-of-a-test',
  region: 'eu-central-1',
};
const URL_PATH = '/v1/runtime/projects/demo/connections/con_1/credentials';

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
  return { method: 'POST', url, body: '{"a":1}', at: NOW, ...SIGNER, ...overrides };
}

async function reasonFor(request: SignedRequest, now = NOW): Promise<string | undefined> {
  const verdict = await verifySignature(request, SIGNER, now);
  return verdict.accepted ? undefined : verdict.reason;
}

describe('known answers of the AWS Signature Version 4 test suite', () => {
  test.each([
    ['get-vanilla', 'GET', '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      'Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('%s', async (_name, method, rawQueryString, signature) => {
    const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
    const headers = {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    };
    const request = { method, encodedPath: '/', rawQueryString, headers, body: Buffer.alloc(0) };
    const signer = {
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      region: 'us-east-1',
      service: 'service',
    };
    const verdict = await verifySignature(request, signer, new Date('2015-08-30T12:36:00Z'));
    expect(verdict).toEqual({ accepted: true });
  });
});

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
    const { accessKeyId, secretAccessKey, region } = SIGNER;
    const sdk = new SignatureV4({
      credentials: { accessKeyId, secretAccessKey },
      region,
      service: 'execute-api',
      sha256: NodeSha256,
    });
    const signed = await sdk.sign(
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

  test.each<[string, SignedRequest, string]>([
    ['no signature', received(toSign(), {}), 'the authorization header holds no signature'],
    [
      'a bearer token',
      received(toSign(), { authorization: 'Bearer x' }),
      'the authorization header holds no signature',
    ],
    ['another key', received(toSign({ accessKeyId: 'OTHER' })), 'the access key is not known'],
    [
      'another secret',
      received(toSign({ secretAccessKey: 'guess' })),
      'the signature does not match the request',
    ],
    [
      'another region',
      received(toSign({ region: 'us-east-1' })),
      'the credential scope is for another region or service',
    ],
    [
      'another service',
      received(toSign({ service: 's3' })),
      'the credential scope is for another region or service',
    ],
    ['another method', { ...received(toSign()), method: 'PUT' }, 'the signature does not match the request'],
    [
      'another path',
      { ...received(toSign()), encodedPath: '/v1/other' },
      'the signature does not match the request',
    ],
    [
      'another query',
      { ...received(toSign()), rawQueryString: 'a=1' },
      'the signature does not match the request',
    ],
    [
      'another body',
      { ...received(toSign()), body: Buffer.from('{}') },
      'the signature does not match the request',
    ],
    [
      'another host',
      received(toSign(), { ...signed, host: 'elsewhere.example' }),
      'the signature does not match the request',
    ],
    [
      'a session token',
      received(toSign({ headers: { 'x-amz-security-token': 'made-up' } })),
      'session tokens are not accepted',
    ],
    [
      'an x-amz header left unsigned',
      received(toSign(), { ...signed, 'x-amz-extra': '1' }),
      'a header is not signed',
    ],
    [
      'a signed hash of another body',
      received(toSign({ headers: { 'x-amz-content-sha256': sha256('{}') } })),
      'the body has another hash',
    ],
    [
      'an unsigned payload',
      received(toSign({ headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } })),
      'the body has another hash',
    ],
    [
      'a scope of another day',
      received(toSign(), {
        ...signed,
        authorization: signed.authorization?.replace('20261123', '20261122') ?? '',
      }),
      'the credential scope is of another day',
    ],
    [
      'a date that is none',
      received(toSign(), { ...signed, 'x-amz-date': '20261399T000000Z' }),
      'x-amz-date is missing or malformed',
    ],
  ])('%s', async (_name, request, reason) => {
    expect(await reasonFor(request)).toBe(reason);
  });

  test('a host left unsigned', async () => {
    const authorization = signed.authorization?.replace('host;', '') ?? '';
    expect(await reasonFor(received(toSign(), { ...signed, authorization }))).toBe('a header is not signed');
  });

  test('a clock more than five minutes off', async () => {
    for (const seconds of [-301, 301]) {
      const now = new Date(NOW.getTime() + seconds * 1000);
      expect(await reasonFor(received(toSign()), now)).toBe('the signature is out of time');
    }
  });
});
