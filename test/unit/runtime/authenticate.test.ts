import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AUTHENTICATE } from '../../../shared/runtime/http/authenticate.ts';

afterEach(() => vi.unstubAllEnvs());

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Returns an event that API Gateway's authorizer let through, with a token of this header and these claims. */
function eventWith(
  header: object,
  claims: object = {},
  authorizer: object = { jwt: { claims: { sub: 'ada' }, scopes: [] } },
): APIGatewayProxyEventV2 {
  const requestContext = {
    accountId: '',
    apiId: '',
    domainName: '',
    domainPrefix: '',
    http: { method: 'GET', path: '/', protocol: '', sourceIp: '', userAgent: '' },
    requestId: '',
    routeKey: '',
    stage: '',
    time: '',
    timeEpoch: 1_000,
    authorizer,
  };
  return {
    version: '2.0',
    routeKey: '',
    rawPath: '/',
    rawQueryString: '',
    headers: { authorization: `Bearer ${encode(header)}.${encode(claims)}.signature` },
    requestContext,
    isBase64Encoded: false,
  };
}

const unauthenticated = expect.objectContaining({ code: 'unauthenticated' });

describe('a token that the authorizer accepted', () => {
  test.each([{}, { typ: 'JWT' }, { typ: 'at+jwt' }, { typ: 'application/at+jwt' }])(
    'is accepted with the header %j if the stage names no type',
    (header) => {
      expect(AUTHENTICATE.user(eventWith(header))).toEqual({ type: 'user', id: 'ada' });
    },
  );

  test.each([{ typ: 'logout+jwt' }, { typ: 'dpop+jwt' }, { typ: 7 }])(
    'is refused with the header %j',
    (header) => {
      expect(() => AUTHENTICATE.user(eventWith(header))).toThrow(unauthenticated);
    },
  );

  test('must have the type of the stage (RFC 9068)', () => {
    vi.stubEnv('ACCESS_TOKEN_TYPE', 'at+jwt');
    expect(AUTHENTICATE.user(eventWith({ typ: 'at+JWT' }))).toMatchObject({ id: 'ada' });
    for (const header of [{}, { typ: 'JWT' }]) {
      expect(() => AUTHENTICATE.user(eventWith(header))).toThrow(unauthenticated);
    }
  });

  test('must not be an ID token of Cognito', () => {
    expect(AUTHENTICATE.user(eventWith({}, { token_use: 'access' }))).toMatchObject({ id: 'ada' });
    expect(() => AUTHENTICATE.user(eventWith({}, { token_use: 'id' }))).toThrow(unauthenticated);
  });

  test('must be a JSON Web Token', () => {
    for (const authorization of [undefined, '', 'Bearer', 'Bearer a.b.c', 'Bearer bnVsbA.bnVsbA.x']) {
      const event = { ...eventWith({}), headers: authorization === undefined ? {} : { authorization } };
      expect(() => AUTHENTICATE.user(event)).toThrow(unauthenticated);
    }
  });
});

describe('a token that the function for several issuers verified', () => {
  const userWith = (lambda: unknown) => AUTHENTICATE.user(eventWith({}, {}, { lambda }));

  test('is accepted until its end, although API Gateway reuses the result', () => {
    expect(userWith({ sub: 'ada', exp: '2' })).toEqual({ type: 'user', id: 'ada' });
    for (const exp of ['1', '0', 'never', undefined])
      expect(() => userWith({ sub: 'ada', exp })).toThrow(unauthenticated);
  });

  test.each([{ refusal: 'exp' }, {}, null, { exp: '2' }, { sub: 'two words', exp: '2' }])(
    'is refused with the result %j',
    (lambda) => {
      expect(() => userWith(lambda)).toThrow(unauthenticated);
    },
  );
});
