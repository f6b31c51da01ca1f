import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { signedFetch } from '../../../local/signed-fetch.ts';
import { type OperationId, routes } from '../../../shared/contract/http/index.ts';
import { type RequestOptions, TestBackend, type TestUser } from '../../harness/backend.ts';
import { assertContract } from '../../harness/contract.ts';
import {
  createExampleProject,
  EXAMPLES,
  type ExampleProject,
  OPERATIONS,
  pathOf,
  type Request,
  send,
  snapshot,
} from '../../harness/requests.ts';
import type { ApiResponse } from '../../harness/response.ts';
import { readResponse } from '../../harness/response.ts';

const backend = await TestBackend.open();
afterAll(() => backend.close());

/**
 * Callers of each operation, written without the routes: a new operation does not compile until it is here. A browser calls
 * once, with the state of an authorization (`authorizations.test.ts`).
 */
const MAY_CALL: Readonly<
  Record<OperationId, 'anybody' | 'browser' | 'user' | 'member' | 'administrator' | 'engine'>
> = {
  listProjects: 'user',
  listProviders: 'user',
  getProvider: 'user',
  getProviderIcon: 'anybody',
  listConnections: 'member',
  getConnection: 'member',
  renameConnection: 'administrator',
  reconnectConnection: 'administrator',
  checkConnection: 'administrator',
  listConnectionHistory: 'member',
  listFlows: 'member',
  saveFlow: 'administrator',
  removeFlow: 'administrator',
  authorizeConnection: 'administrator',
  authorizeIntegration: 'administrator',
  getClientMetadata: 'anybody',
  oauthCallback: 'browser',
  completeAuthorization: 'administrator',
  configureIntegration: 'administrator',
  removeIntegration: 'administrator',
  putMember: 'engine',
  removeMember: 'engine',
  deleteProject: 'engine',
  getProjectDeletion: 'engine',
  restoreProject: 'engine',
  issueCredentials: 'engine',
  reportFailure: 'engine',
};

const OK = 'ok';
const outcome = ({ status, json }: ApiResponse) => (status < 300 ? OK : `${status} ${json.code}`);

const UNAUTHENTICATED = '401 unauthenticated';
const NOT_A_MEMBER = '404 project_not_found';
const FORBIDDEN = '403 forbidden';

/** The expected outcome for each user, by who may call. */
const EXPECTED: Readonly<Record<'anybody' | 'user' | 'member' | 'administrator', Record<TestUser, string>>> =
  {
    anybody: { anonymous: OK, outsider: OK, member: OK, administrator: OK },
    user: { anonymous: UNAUTHENTICATED, outsider: OK, member: OK, administrator: OK },
    member: { anonymous: UNAUTHENTICATED, outsider: NOT_A_MEMBER, member: OK, administrator: OK },
    administrator: {
      anonymous: UNAUTHENTICATED,
      outsider: NOT_A_MEMBER,
      member: FORBIDDEN,
      administrator: OK,
    },
  };

/** Returns the administrator's token, signed with another key. */
async function foreignToken(): Promise<string> {
  const { administrator } = backend.session.tokens;
  const { privateKey } = await generateKeyPair('RS256');
  const { kid = '' } = decodeProtectedHeader(administrator);
  return new SignJWT(decodeJwt(administrator)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

/** Returns the administrator's claims without a signature. */
function unsignedToken(): string {
  const [, claims] = backend.session.tokens.administrator.split('.');
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`;
}

function sendAsUser(id: OperationId, { params, body }: Request, options: Omit<RequestOptions, 'body'>) {
  return backend.request(routes[id].method, pathOf(id, params), { ...options, body });
}

async function sendSigned(
  secretAccessKey: string,
  id: OperationId,
  { params, body }: Request,
): Promise<ApiResponse> {
  const { apiUrl, runtime } = backend.session;
  const session = { apiUrl, runtime: { ...runtime, secretAccessKey } };
  const response = await readResponse(
    await signedFetch(session, routes[id].method, pathOf(id, params), body),
  );
  assertContract(routes[id].method, pathOf(id, params), response);
  return response;
}

const userOperations = OPERATIONS.flatMap((id) => {
  const may = MAY_CALL[id];
  return may === 'engine' || may === 'browser' ? [] : [[id, EXPECTED[may]] as const];
});
const engineOperations = OPERATIONS.filter((id) => MAY_CALL[id] === 'engine');

/** Sends requests that are refused, compares their outcomes, and checks that nothing changed. */
async function expectRefused(
  example: ExampleProject,
  sendAll: () => Promise<readonly (readonly [found: string, expected: string])[]>,
) {
  const before = await snapshot(example);
  for (const [found, expected] of await sendAll()) expect(found).toBe(expected);
  expect(await snapshot(example)).toEqual(before);
}

describe.each(userOperations)('%s', (id, expected) => {
  test('is allowed by role, and refused to others without effect', async () => {
    const example = await createExampleProject(backend);
    const request = await EXAMPLES[id](example);
    const users = ['anonymous', 'outsider', 'member'] as const;
    await expectRefused(example, () =>
      Promise.all(
        users.map(async (as) => [outcome(await sendAsUser(id, request, { as })), expected[as]] as const),
      ),
    );
    expect(outcome(await sendAsUser(id, request, { as: 'administrator' }))).toBe(expected.administrator);
  });

  test('accepts tokens of the issuer only', async () => {
    const example = await createExampleProject(backend);
    const request = await EXAMPLES[id](example);
    const { administrator } = backend.session.tokens;
    const tokens = ['garbage', 'a.b.c', await foreignToken(), unsignedToken(), `${administrator}x`];
    await expectRefused(example, () =>
      Promise.all(
        [...tokens.map((token) => `Bearer ${token}`), '', 'Basic YTpi'].map(async (authorization) => {
          const response = await sendAsUser(id, request, { as: 'anonymous', headers: { authorization } });
          return [outcome(response), expected.anonymous] as const;
        }),
      ),
    );
  });
});

describe.each(userOperations.filter(([, expected]) => expected.outsider === NOT_A_MEMBER))('%s', (id) => {
  test('does not reveal to other users if the project exists', async () => {
    const example = await createExampleProject(backend);
    const request = await EXAMPLES[id](example);
    const params = { ...request.params, projectId: 'no-such-project' };
    const [existing, absent] = [
      await sendAsUser(id, request, { as: 'outsider' }),
      await sendAsUser(id, { ...request, params }, { as: 'outsider' }),
    ];
    const comparable = ({ status, json: { requestId: _, ...rest } }: ApiResponse) => ({ status, ...rest });
    expect(comparable(existing)).toEqual(comparable(absent));
    expect(outcome(await sendAsUser(id, { ...request, params }, { as: 'administrator' }))).toBe(NOT_A_MEMBER);
    // Impossible ids; the last is longer than a key of the table.
    for (const projectId of ['no such', `${example.project.id}#FLOWS`, '\u00e9', 'x'.repeat(3_000)]) {
      const impossible = { ...request, params: { ...params, projectId } };
      expect(comparable(await sendAsUser(id, impossible, { as: 'administrator' }))).toEqual(
        comparable(absent),
      );
    }
    const invalid = await send(backend, id, request, { as: 'outsider', query: '?nonsense=1' });
    expect(outcome(invalid)).toBe(NOT_A_MEMBER);
  });
});

const operationsOnItems = OPERATIONS.filter((id) => /connectionId|stepId/.test(routes[id].path));

describe.each(operationsOnItems)('%s', (id) => {
  test('does not find items of another project', async () => {
    const [example, other] = [await createExampleProject(backend), await createExampleProject(backend)];
    const request = await EXAMPLES[id](other);
    const before = await snapshot(other);
    const params = { ...request.params, projectId: example.project.id };
    expect((await send(backend, id, { ...request, params })).status).toBe(404);
    expect(await snapshot(other)).toEqual(before);
  });
});

describe.each(engineOperations)('%s', (id) => {
  test('is allowed to the engine only, by its signature', async () => {
    const example = await createExampleProject(backend);
    const request = await EXAMPLES[id](example);
    const forged = {
      authorization: 'AWS4-HMAC-SHA256 Credential=LOCALENGINE/20260101/eu-west-1/execute-api/aws4_request',
    };
    await expectRefused(example, async () => {
      const users = ['anonymous', 'outsider', 'member', 'administrator'] as const;
      const responses = await Promise.all([
        ...users.map((as) => sendAsUser(id, request, { as })),
        sendAsUser(id, request, { as: 'anonymous', headers: forged }),
        sendSigned('another-secret-of-a-test', id, request),
      ]);
      return responses.map((response) => [outcome(response), FORBIDDEN] as const);
    });
    expect(outcome(await send(backend, id, request))).toBe(OK);
  });
});
