import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, expect, test, vi } from 'vitest';
import { lambdaContext } from '../../../local/lambda.ts';
import { route } from '../../../shared/contract/http/route.ts';
import { failure } from '../../../shared/domain/errors.ts';
import type { IdempotencyStore } from '../../../shared/domain/idempotency.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { logger } from '../../../shared/runtime/logger.ts';

afterEach(() => vi.restoreAllMocks());

const declared = { summary: 'Any route', responses: { 204: null } } as const;
const plain = route('any/plain', {
  ...declared,
  routeKey: 'POST /v1/any',
  caller: { kind: 'public' },
  capabilities: [],
});
const forEngine = route('any/engine', {
  ...declared,
  routeKey: 'POST /v1/runtime/any',
  caller: { kind: 'engine', scope: 'deleted' },
  capabilities: [],
});
const writing = route('any/write', {
  ...declared,
  routeKey: 'POST /v1/any',
  caller: { kind: 'public' },
  capabilities: ['members:write'],
});

const iam = { accessKeyId: 'a', secretAccessKey: 'b', region: 'eu-west-1', userArn: 'arn' };
const context = lambdaContext('test', iam, 60_000);

function eventWith(headers: Record<string, string> = {}): APIGatewayProxyEventV2 {
  const http = { method: 'POST', path: '/v1/any', protocol: '', sourceIp: '', userAgent: '' };
  const ids = { accountId: '', apiId: '', domainName: 'api.example', domainPrefix: '', requestId: 'request' };
  const requestContext = { ...ids, http, routeKey: '', stage: '', time: '', timeEpoch: 0 };
  return {
    ...{ version: '2.0', routeKey: '', rawPath: '/v1/any', rawQueryString: '' },
    ...{ headers, requestContext, isBase64Encoded: false },
  };
}

test('a request is logged with its route, id and status', async () => {
  const info = vi.spyOn(logger(), 'info');
  const handler = lambda(
    endpoint(plain, async () => noContent()),
    {},
  );
  expect(await handler(eventWith(), context)).toMatchObject({ statusCode: 204 });
  const line = { route: 'any/plain', requestId: 'request', status: 204 };
  expect(info.mock.calls).toEqual([['responded', line]]);
});

test('a refusal is logged with its code', async () => {
  const info = vi.spyOn(logger(), 'info');
  const handler = lambda(
    endpoint(plain, () => Promise.reject(failure('forbidden', 'No.'))),
    {},
  );
  expect(await handler(eventWith(), context)).toMatchObject({ statusCode: 403 });
  const line = { route: 'any/plain', requestId: 'request', status: 403, code: 'forbidden' };
  expect(info.mock.calls).toEqual([['refused', line]]);
});

test('a failure of ours is logged with its error, which no response repeats', async () => {
  const error = new Error('made-up detail');
  const logged = vi.spyOn(logger(), 'error');
  const handler = lambda(
    endpoint(plain, () => Promise.reject(error)),
    {},
  );
  const response = await handler(eventWith(), context);
  expect(response).toMatchObject({ statusCode: 500, body: expect.stringContaining('internal_error') });
  expect(response.body).not.toContain('made-up');
  const line = { route: 'any/plain', requestId: 'request', status: 500, error };
  expect(logged.mock.calls).toEqual([['failed', line]]);
});

test('a request of the engine that nobody signed is refused', async () => {
  const handler = lambda(
    endpoint(forEngine, async () => noContent()),
    {},
  );
  const response = await handler(eventWith(), context);
  expect(response).toMatchObject({ statusCode: 403, body: expect.stringContaining('"code":"forbidden"') });
});

test('a response that cannot be stored for repetitions is sent all the same, and logged', async () => {
  const error = new Error('The table is down.');
  const logged = vi.spyOn(logger(), 'error');
  const idempotency: IdempotencyStore = {
    acquire: async (record) => record,
    complete: () => Promise.reject(error),
    release: () => Promise.reject(error),
  };
  const handler = lambda(
    endpoint(writing, async () => noContent()),
    {
      'idempotency:write': () => ({ idempotency }),
      'members:write': () => ({ members: { put: vi.fn(), remove: vi.fn() } }),
    },
  );
  expect(await handler(eventWith({ 'idempotency-key': 'key' }), context)).toMatchObject({ statusCode: 204 });
  const line = { route: 'any/write', requestId: 'request', error };
  expect(logged.mock.calls).toEqual([['response not stored', line]]);
});
