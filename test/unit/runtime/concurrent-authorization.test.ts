import { describe, expect, test } from 'vitest';
import { lambdaContext } from '../../../local/lambda.ts';
import { route } from '../../../shared/contract/http/route.ts';
import type { ProjectAccess } from '../../../shared/domain/access/roles.ts';
import { failure } from '../../../shared/domain/errors.ts';
import { endpoint, noContent } from '../../../shared/runtime/http/endpoint.ts';
import { lambda } from '../../../shared/runtime/http/lambda.ts';
import { getEvent } from '../../harness/invocations.ts';

const waiting = route('any/any', {
  routeKey: 'GET /v1/projects/{projectId}/any',
  caller: { kind: 'user', action: 'project.view' },
  summary: 'Any route',
  capabilities: [],
  responses: { 204: null },
});
const concurrent = { ...waiting, concurrentAuthorization: true } as const;
type Handle = () => Promise<ReturnType<typeof noContent>>;

const MEMBER = {
  isDeleted: false,
  role: 'member',
  counts: { all: 0, active: 0, inactive: 0 },
  connection: undefined,
} as const satisfies ProjectAccess;

/** Requests a route as a user whose access the test controls. */
function request(
  declared: typeof concurrent | typeof waiting,
  access: Promise<ProjectAccess>,
  handle: Handle,
  query = '',
) {
  const invoke = lambda(endpoint(declared, handle), {
    'roles:read': () => ({ roles: { read: () => access } }),
  });
  const iam = { region: 'eu-west-1', userArn: 'arn:aws:iam::000000000000:user/any' };
  const event = getEvent(declared, '/v1/projects/demo/any', 'ada', query);
  return invoke(
    { ...event, requestContext: { ...event.requestContext, requestId: 'same' } },
    lambdaContext('any', iam, 60_000),
  );
}

describe('a handler', () => {
  test('starts while its request is being authorized, and responds once that is done', async () => {
    const access = Promise.withResolvers<ProjectAccess>();
    const handled = Promise.withResolvers<void>();
    let isResponded = false;
    const response = request(concurrent, access.promise, async () => {
      handled.resolve();
      return noContent();
    }).finally(() => {
      isResponded = true;
    });
    await handled.promise;
    await new Promise(setImmediate);
    expect(isResponded).toBe(false);
    access.resolve(MEMBER);
    expect(await response).toMatchObject({ statusCode: 204 });
  });

  test('of any other route starts once its request is authorized', async () => {
    const access = Promise.withResolvers<ProjectAccess>();
    let isStarted = false;
    const response = request(waiting, access.promise, async () => {
      isStarted = true;
      return noContent();
    });
    await new Promise(setImmediate);
    expect(isStarted).toBe(false);
    access.resolve({ ...MEMBER, role: undefined });
    expect(await response).toMatchObject({ statusCode: 404 });
    expect(isStarted).toBe(false);
  });
});

describe.each<[string, ProjectAccess]>([
  ['somebody who is not a member', { ...MEMBER, role: undefined }],
  ['a member of a deleted project', { ...MEMBER, isDeleted: true }],
])('a refusal of %s', (_name, access) => {
  test.each<[string, Handle, string]>([
    ['a response', () => Promise.resolve(noContent()), ''],
    ['a refusal', () => Promise.reject(failure('connection_not_found', 'Only for members.')), ''],
    ['a failure', () => Promise.reject(new Error('Only for the log.')), ''],
    ['a response that never comes', () => new Promise(() => undefined), ''],
    ['invalid parameters', () => Promise.resolve(noContent()), 'unknown=1'],
  ])('is the same in place of %s', async (_of, handle, query) => {
    const expected = await request(waiting, Promise.resolve(access), handle);
    expect(expected).toMatchObject({ statusCode: 404 });
    expect(await request(concurrent, Promise.resolve(access), handle, query)).toEqual(expected);
    // The handler is done first.
    const late = new Promise<ProjectAccess>((resolve) => setImmediate(() => resolve(access)));
    expect(await request(concurrent, late, handle, query)).toEqual(expected);
  });
});
