import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SigningKey } from '../local/api-gateway/sigv4.ts';
import type { Session } from '../local/session.ts';
import { signedFetch } from '../local/signed-fetch.ts';

const HELP = `Checks the API of a stage after a deployment: requests that change nothing, and what each must respond.

  npm run smoke -- --url <address>       the output ApiUrl of the API stack
  npm run smoke -- --stage local         the local mode that runs on $DATA_DIR (.local unless set)

  USER_TOKEN              access token of a user, for the requests of users
  AWS_ACCESS_KEY_ID, …    credentials that may call the engine's routes, and AWS_REGION, for those of the engine

Without a token or credentials it checks that those requests are refused. Ends with 1 if any response is another.
`;

/** API Gateway ends a request after 30 seconds. */
const RESPONSE_MS = 30_000;

/** Callers of the API: a user by an access token, the engine by its signature; undefined for those without. */
interface Callers {
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly engine: Session['runtime'] | undefined;
  /** Session token of temporary credentials, as an OIDC role has. */
  readonly sessionToken: string | undefined;
}

/** One request, and the status and error code that it must have. */
interface SmokeCheck {
  readonly title: string;
  readonly send: (callers: Callers) => Promise<Response>;
  readonly status: number;
  readonly code?: string;
}

const ENGINE_PATH =
  '/v1/runtime/projects/smoke/connections/con_00000000-0000-7000-8000-000000000000/credentials';

const get =
  (path: string, headers: Readonly<Record<string, string>> = {}) =>
  ({ apiUrl }: Callers) =>
    fetch(new URL(path, apiUrl), { headers, signal: AbortSignal.timeout(RESPONSE_MS) });

/** Checks that need no credentials. */
const PUBLIC_CHECKS: readonly SmokeCheck[] = [
  { title: 'an icon, to anybody', send: get('/v1/providers/github/icon.svg'), status: 200 },
  { title: 'no projects, to a caller without a token', send: get('/v1/projects'), status: 401 },
  {
    title: 'no credentials, to an engine without a signature',
    send: ({ apiUrl }) => fetch(new URL(ENGINE_PATH, apiUrl), { method: 'POST' }),
    status: 403,
  },
];

function checksOf({ token, engine }: Callers): readonly SmokeCheck[] {
  const authorization = { authorization: `Bearer ${token}` };
  const ofUsers: readonly SmokeCheck[] = [
    { title: 'projects, to a user', send: get('/v1/projects', authorization), status: 200 },
    {
      title: 'no project that the user is not in',
      send: get('/v1/projects/smoke-of-nobody/connections', authorization),
      status: 404,
      code: 'project_not_found',
    },
  ];
  const ofEngine: SmokeCheck = {
    title: 'no credentials of a connection that does not exist, to the engine',
    send: (callers) => signedByEngine(callers),
    status: 404,
    code: 'connection_not_found',
  };
  return [...PUBLIC_CHECKS, ...(token === undefined ? [] : ofUsers), ...(engine ? [ofEngine] : [])];
}

function signedByEngine({ apiUrl, engine, sessionToken }: Callers): Promise<Response> {
  if (!engine) throw new Error('There are no credentials of the engine.');
  const temporary = sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken };
  return signedFetch({ apiUrl, runtime: engine }, 'POST', ENGINE_PATH, undefined, temporary);
}

/** Returns what is wrong with a response; undefined where it is as it must be. */
async function failureOf({ send, status, code }: SmokeCheck, callers: Callers): Promise<string | undefined> {
  try {
    const response = await send(callers);
    const text = await response.text();
    if (response.status !== status)
      return `status ${response.status} in place of ${status}: ${text.slice(0, 300)}`;
    if (code !== undefined && !text.includes(`"${code}"`)) return `no code ${code}: ${text.slice(0, 300)}`;
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
  }
}

function readSession(): Session {
  const file = join(process.env.DATA_DIR ?? '.local', 'session.json');
  return JSON.parse(readFileSync(file, 'utf8'));
}

function callersOf({ url, stage }: { url?: string | undefined; stage?: string | undefined }): Callers {
  if (stage === 'local') {
    const { apiUrl, tokens, runtime } = readSession();
    return { apiUrl, token: tokens.administrator, engine: runtime, sessionToken: undefined };
  }
  if (url === undefined) throw new Error('--url is missing; see --help.');
  const { USER_TOKEN, AWS_REGION, AWS_SESSION_TOKEN } = process.env;
  const key = signingKey(AWS_REGION);
  return { apiUrl: url, token: USER_TOKEN, engine: key, sessionToken: AWS_SESSION_TOKEN };
}

function signingKey(
  region: string | undefined,
): (SigningKey & { readonly service: 'execute-api' }) | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
  if (!accessKeyId || !secretAccessKey || !region) return undefined;
  return { accessKeyId, secretAccessKey, region, service: 'execute-api' };
}

try {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, stage: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
  } else {
    const callers = callersOf(values);
    for (const check of checksOf(callers)) {
      const failure = await failureOf(check, callers);
      process.stdout.write(
        `${failure === undefined ? 'ok    ' : 'FAILED'} ${check.title}${failure === undefined ? '' : `: ${failure}`}\n`,
      );
      if (failure !== undefined) process.exitCode = 1;
    }
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
