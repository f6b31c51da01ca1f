import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

let backend: TestBackend;
beforeAll(async () => {
  backend = await TestBackend.open();
});
afterAll(() => backend.close());

/** Who may call each operation, said once more and apart from the routes: a new one has to be thought about here. */
const MAY_CALL: Readonly<Record<OperationId, 'anybody' | 'user' | 'member' | 'administrator' | 'engine'>> = {
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
  configureIntegration: 'administrator',
  removeIntegration: 'administrator',
  putMember: 'engine',
  removeMember: 'engine',
  issueCredentials: 'engine',
  reportFailure: 'engine',
};

const DONE = 'done';
const code = ({ status, json }: ApiResponse) => (status < 300 ? DONE : `${status} ${json.code}`);

const UNSIGNED_IN = '401 unauthenticated';
const STRANGER = '404 project_not_found';
const TOO_LOW = '403 forbidden';

/** What each kind of person is told, by who may call. */
const EXPECTED: Readonly<Record<'anybody' | 'user' | 'member' | 'administrator', Record<TestUser, string>>> =
  {
    anybody: { anonymous: DONE, outsider: DONE, member: DONE, administrator: DONE },
    user: { anonymous: UNSIGNED_IN, outsider: DONE, member: DONE, administrator: DONE },
    member: { anonymous: UNSIGNED_IN, outsider: STRANGER, member: DONE, administrator: DONE },
    administrator: { anonymous: UNSIGNED_IN, outsider: STRANGER, member: TOO_LOW, administrator: DONE },
  };

/** A token like the administrator's in all but the key that signed it. */
async function foreignToken(): Promise<string> {
  const { administrator } = backend.session.tokens;
  const { privateKey } = await generateKeyPair('RS256');
  const { kid = '' } = decodeProtectedHeader(administrator);
  return new SignJWT(decodeJwt(administrator)).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);
}

/** The administrator's own claims, signed by nobody. */
function unsignedToken(): string {
  const [, claims] = backend.session.tokens.administrator.split('.');
  return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${claims}.`;
}

function asPerson(id: OperationId, { params, body }: Request, ask: Omit<RequestOptions, 'body'>) {
  return backend.request(routes[id].method, pathOf(id, params), { ...ask, body });
}

async function signedBy(
  secretAccessKey: string,
  id: OperationId,
  { params, body }: Request,
): Promise<ApiResponse> {
  const { apiUrl, runtime } = backend.session;
  const session = { apiUrl, runtime: { ...runtime, secretAccessKey } };
  const answer = await readResponse(await signedFetch(session, routes[id].method, pathOf(id, params), body));
  assertContract(routes[id].method, pathOf(id, params), answer);
  return answer;
}

test('every operation says who may call it', () => {
  expect(Object.keys(MAY_CALL).toSorted()).toEqual([...OPERATIONS].toSorted());
  expect(Object.keys(EXAMPLES).toSorted()).toEqual([...OPERATIONS].toSorted());
});

const ofPeople = OPERATIONS.flatMap((id) => {
  const may = MAY_CALL[id];
  return may === 'engine' ? [] : [[id, EXPECTED[may]] as const];
});
const ofEngine = OPERATIONS.filter((id) => MAY_CALL[id] === 'engine');

/** The request by everybody who may not make it; nothing may have come of it. */
async function refusedTo(
  here: ExampleProject,
  refusals: () => Promise<readonly (readonly [told: string, expected: string])[]>,
) {
  const before = await snapshot(here);
  for (const [told, expected] of await refusals()) expect(told).toBe(expected);
  expect(await snapshot(here)).toEqual(before);
}

describe.each(ofPeople)('%s', (id, expected) => {
  test('is answered by role, and does nothing for those it refuses', async () => {
    const here = await createExampleProject(backend);
    const request = EXAMPLES[id](here);
    const people = ['anonymous', 'outsider', 'member'] as const;
    await refusedTo(here, () =>
      Promise.all(
        people.map(async (as) => [code(await asPerson(id, request, { as })), expected[as]] as const),
      ),
    );
    expect(code(await asPerson(id, request, { as: 'administrator' }))).toBe(expected.administrator);
  });

  test('takes no token but one of the issuer', async () => {
    const here = await createExampleProject(backend);
    const request = EXAMPLES[id](here);
    const { administrator } = backend.session.tokens;
    const tokens = ['garbage', 'a.b.c', await foreignToken(), unsignedToken(), `${administrator}x`];
    await refusedTo(here, () =>
      Promise.all(
        [...tokens.map((token) => `Bearer ${token}`), '', 'Basic YTpi'].map(async (authorization) => {
          const answer = await asPerson(id, request, { as: 'anonymous', headers: { authorization } });
          return [code(answer), expected.anonymous] as const;
        }),
      ),
    );
  });
});

describe.each(ofPeople.filter(([, expected]) => expected.outsider === STRANGER))('%s', (id) => {
  test('tells a stranger nothing, not even whether the project exists', async () => {
    const here = await createExampleProject(backend);
    const request = EXAMPLES[id](here);
    const params = { ...request.params, projectId: 'no-such-project' };
    const [existing, absent] = [
      await asPerson(id, request, { as: 'outsider' }),
      await asPerson(id, { ...request, params }, { as: 'outsider' }),
    ];
    const told = ({ status, json: { requestId: _, ...rest } }: ApiResponse) => ({ status, ...rest });
    expect(told(existing)).toEqual(told(absent));
    expect(code(await asPerson(id, { ...request, params }, { as: 'administrator' }))).toBe(STRANGER);
    // No id of the platform: the last is longer than any key of the table.
    for (const projectId of ['no such', `${here.project.id}#FLOWS`, '\u00e9', 'x'.repeat(3_000)]) {
      const impossible = { ...request, params: { ...params, projectId } };
      expect(told(await asPerson(id, impossible, { as: 'administrator' }))).toEqual(told(absent));
    }
    const faulty = await send(backend, id, request, { as: 'outsider', query: '?nonsense=1' });
    expect(code(faulty)).toBe(STRANGER);
  });
});

const CROSSING = OPERATIONS.filter((id) => /connectionId|stepId/.test(routes[id].path));

describe.each(CROSSING)('%s', (id) => {
  test('finds nothing of one project in another, whoever asks', async () => {
    const [here, other] = [await createExampleProject(backend), await createExampleProject(backend)];
    const before = await snapshot(other);
    const request = EXAMPLES[id](other);
    const crossed = { ...request, params: { ...request.params, projectId: here.project.id } };
    expect((await send(backend, id, crossed)).status).toBe(404);
    expect(await snapshot(other)).toEqual(before);
  });
});

describe.each(ofEngine)('%s', (id) => {
  test('is for the engine alone, by its signature', async () => {
    const here = await createExampleProject(backend);
    const request = EXAMPLES[id](here);
    const forged = {
      authorization: 'AWS4-HMAC-SHA256 Credential=LOCALENGINE/20260101/eu-west-1/execute-api/aws4_request',
    };
    await refusedTo(here, async () => {
      const people = ['anonymous', 'outsider', 'member', 'administrator'] as const;
      const asked = await Promise.all([
        ...people.map((as) => asPerson(id, request, { as })),
        asPerson(id, request, { as: 'anonymous', headers: forged }),
        signedBy('another-secret-of-a-test', id, request),
      ]);
      return asked.map((answer) => [code(answer), TOO_LOW] as const);
    });
    expect(code(await send(backend, id, request))).toBe(DONE);
  });
});
