import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeProviders } from '../../harness/provider-entry.ts';
import { grants } from '../../harness/sandbox.ts';
import { openSandbox } from './sandbox.ts';
import { plain, plainMail, quirky, shop } from './sandbox-oauth-entries.ts';

const grantList = z.object({ items: grants });
const json = z.record(z.string(), z.unknown());

const VERIFIER = 'verifier-verifier-verifier-verifier-verifier';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
export const REDIRECT_URI = 'http://127.0.0.1:9/v1/oauth/callback/plain?from=app';
export const CLIENT = { client_id: 'platform', client_secret: 'platform-secret' };

export const PLAIN_REQUEST = {
  client_id: CLIENT.client_id,
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  state: 'state-1',
  scope: 'calendar email offline',
  access_type: 'offline',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

export const QUIRKY_REQUEST = {
  client_id: CLIENT.client_id,
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  user_scope: 'read,write',
};

type Values = Readonly<Record<string, string>>;

/** Starts a sandbox with the made-up providers, and an OAuth client of each. */
export async function openOAuthSandbox() {
  const folder = mkdtempSync(join(tmpdir(), 'oauth-providers-'));
  writeProviders(folder, [plain, plainMail, quirky, shop]);
  const sandbox = await openSandbox([folder]);

  const authorizeUrl = (address: string, parameters: Values) =>
    `${sandbox.url}/${address}?${new URLSearchParams(parameters)}`;
  const authorize = (address: string, parameters: Values) =>
    fetch(authorizeUrl(address, parameters), { redirect: 'manual' });
  const postForm = (address: string, parameters: Values, headers: Values = {}) =>
    fetch(`${sandbox.url}/${address}`, { method: 'POST', headers, body: new URLSearchParams(parameters) });
  const bodyOf = async (response: Response) => ({
    status: response.status,
    json: json.parse(await response.json()),
  });

  /** Authorizes at once and returns the query parameters of the redirect. */
  const consent = async (provider: string, address: string, parameters: Values, decision: object = {}) => {
    await sandbox.call('POST', 'consent', { provider, ...decision });
    return callbackOf(await authorize(address, parameters));
  };
  const plainToken = async (parameters: Values) =>
    bodyOf(await postForm('accounts.plain.example/oauth/token', { ...CLIENT, ...parameters }));
  const quirkyToken = async (parameters: Values, headers: Values = QUIRKY_HEADERS) => {
    const isRefresh = parameters.grant_type === 'refresh_token';
    const more = isRefresh ? { redirect_uri: REDIRECT_URI } : { state: 'state-1' };
    const request = { method: 'POST', headers, body: JSON.stringify({ ...more, ...parameters }) };
    const path = isRefresh ? 'oauth.refresh?v=2' : 'oauth.access';
    return bodyOf(await fetch(`${sandbox.url}/quirky.example/api/${path}`, request));
  };
  return {
    ...sandbox,
    folder,
    authorizeUrl,
    authorize,
    postForm,
    consent,
    plainToken,
    quirkyToken,
    /** Authorizes at `plain` and exchanges the code. */
    async connectPlain(decision: object = {}) {
      const { code = '' } = await consent('plain', PLAIN_AUTHORIZE, PLAIN_REQUEST, decision);
      const { json: tokens } = await plainToken(codeRequest(code));
      return { code, access: String(tokens.access_token), refresh: String(tokens.refresh_token), tokens };
    },
    /** Authorizes at `quirky` and exchanges the code. */
    async connectQuirky(decision: object = {}) {
      const callback = await consent('quirky', QUIRKY_AUTHORIZE, QUIRKY_REQUEST, decision);
      const { code = '' } = callback;
      const { json: tokens } = await quirkyToken({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
      });
      return { ...tokensOf(tokens), callback, response: tokens };
    },
    async grants(provider: string) {
      return grantList.parse(await (await sandbox.call('GET', `grants?provider=${provider}`)).json()).items;
    },
    async me(host: string, accessToken: string) {
      const headers = { authorization: `Bearer ${accessToken}` };
      return bodyOf(await fetch(`${sandbox.url}/${host}/me`, { headers }));
    },
    settings: (provider: string, settings: object) => sandbox.call('PUT', `tokens/${provider}`, settings),
    async close() {
      await sandbox.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const PLAIN_AUTHORIZE = 'accounts.plain.example/oauth/authorize';
export const QUIRKY_AUTHORIZE = 'quirky.example/oauth/v2/authorize';
export const QUIRKY_HEADERS: Values = {
  authorization: `Basic ${Buffer.from(`${CLIENT.client_id}:${CLIENT.client_secret}`).toString('base64')}`,
  'content-type': 'application/json',
  'quirky-version': '2',
};

/** Request that exchanges a code of `plain`, without the client's authentication. */
export function codeRequest(code: string): Values {
  return {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: VERIFIER,
  };
}

export function refreshRequest(token: string): Values {
  return { grant_type: 'refresh_token', refresh_token: token };
}

/** Reads the query parameters of a redirect to the client. */
export function callbackOf(response: Response): Values {
  const url = new URL(response.headers.get('location') ?? 'missing:');
  return Object.fromEntries(url.searchParams);
}

/** Reads the nested tokens of `quirky`. */
export function tokensOf(response: Readonly<Record<string, unknown>>) {
  const tokens = json.parse(response.authed_user);
  return { access: String(tokens.access_token), refresh: String(tokens.refresh_token), tokens };
}
