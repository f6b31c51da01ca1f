import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AuthorizerFunction } from '../../../local/api-gateway/lambda-authorizer.ts';
import { loadHandler } from '../../../local/lambda.ts';
import { AUTHENTICATE } from '../../../shared/runtime/http/authenticate.ts';
import { toProblem } from '../../../shared/runtime/http/problem.ts';
import { startIssuer } from './own-issuer.ts';
import { runGateway } from './running-gateway.ts';

const now = () => Math.floor(Date.now() / 1000);
const claims = (changes: object = {}) => ({
  aud: 'api',
  sub: 'ada',
  iat: now(),
  exp: now() + 60,
  ...changes,
});

let before: Awaited<ReturnType<typeof startIssuer>>;
let after: Awaited<ReturnType<typeof startIssuer>>;
let away: Awaited<ReturnType<typeof startIssuer>>;
let tokenAuthorizer: AuthorizerFunction;

beforeAll(async () => {
  [before, after, away] = await Promise.all([startIssuer(), startIssuer(), startIssuer()]);
  const issuers = [before, after, away].map(({ issuer }) => ({ issuer, audience: ['api'] }));
  vi.stubEnv('TRUSTED_ISSUERS', JSON.stringify(issuers));
  tokenAuthorizer = await loadHandler('authorizers/verify-tokens');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([before.close(), after.close(), away.close()]);
});

/** Responds with the user, as every route of users authenticates. */
async function userOf(event: APIGatewayProxyEventV2) {
  try {
    return { statusCode: 200, body: AUTHENTICATE.user(event).id };
  } catch (error) {
    return toProblem(error, event.requestContext.requestId);
  }
}

async function call(authorization: string | undefined) {
  const events: APIGatewayProxyEventV2[] = [];
  const handler = (event: APIGatewayProxyEventV2) => {
    events.push(event);
    return userOf(event);
  };
  const route = { method: 'GET', path: '/v1/projects', authorizer: 'jwt', handler } as const;
  await using gateway = await runGateway([route], { tokenAuthorizer });
  const response = await fetch(
    `${gateway.url}/v1/projects`,
    authorization ? { headers: { authorization } } : {},
  );
  return { response, events, failures: gateway.failures };
}

describe('a stage with several issuers', () => {
  test('accepts the access tokens of each, and names the user by the subject', async () => {
    for (const issuer of [before, after]) {
      const exp = now() + 60;
      const { response, events } = await call(`Bearer ${await issuer.sign(claims({ exp }))}`);
      expect([response.status, await response.text()]).toEqual([200, 'ada']);
      expect(events[0]?.requestContext).toMatchObject({
        authorizer: { lambda: { sub: 'ada', exp: String(exp) } },
      });
    }
  });

  test.each<[string, () => Promise<string>]>([
    ['that has ended', () => after.sign(claims({ exp: now() - 1 }))],
    ['for another audience', () => before.sign(claims({ aud: 'x' }))],
    ['of one in the name of the other', () => before.sign(claims({ iss: after.issuer }))],
    ['that is an ID token of Cognito', () => before.sign(claims({ token_use: 'id' }))],
    ['that is malformed', async () => 'a.b.c'],
  ])('responds 401 to a token %s, as one with a single issuer', async (_, token) => {
    const { response, failures } = await call(`Bearer ${await token()}`);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect([response.status, await response.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'unauthenticated' }),
    ]);
    expect(failures).toEqual([]);
  });

  test('responds 401 without a token, and invokes no function', async () => {
    const { response, events } = await call(undefined);
    expect([response.status, events.length]).toEqual([401, 0]);
  });

  test('responds 500, which clients repeat, while the keys of an issuer cannot be read', async () => {
    away.isDown = true;
    const { response, events } = await call(`Bearer ${await away.sign(claims())}`);
    expect([response.status, events.length]).toEqual([500, 0]);
  });
});
