import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { createOAuthProvider } from '../../../shared/adapters/providers/oauth/provider.ts';
import { makeSample } from '../../../shared/catalog/examples.ts';
import { completeGrant } from '../../../shared/catalog/open.ts';
import type { ProviderEntry } from '../../../shared/catalog/schema.ts';
import { fill } from '../../../shared/catalog/templates.ts';
import type { OAuthParty, TokenResult, TokenSet } from '../../../shared/domain/credentials/oauth.ts';
import {
  requireOAuth2,
  toAccessValues,
  toStoredCredentials,
} from '../../../shared/domain/credentials/tokens.ts';
import { openSandboxInMemory } from './sandbox.ts';

type Values = Readonly<Record<string, string>>;

const grants = z.object({
  items: z.array(z.object({ id: z.string(), refreshed: z.number(), alive: z.boolean() })),
});

const VERIFIER = 'verifier-verifier-verifier-verifier-verifier';
const REDIRECT_URI = 'http://127.0.0.1:9/v1/oauth/callback/client';
const CLIENT = { clientId: 'platform:id', clientSecret: 'platform secret&more' };

/** Starts a sandbox, and calls its authorization servers through the adapter. */
export async function openAdapter(providerFolders?: readonly string[]) {
  const sandbox = await openSandboxInMemory(providerFolders);
  const adapter = createOAuthProvider({ endpointUrl: sandbox.url });

  /** Authorizes at once, as a browser does, and returns the query parameters of the redirect. */
  const authorize = async (party: OAuthParty, decision: object = {}): Promise<Values> => {
    await sandbox.call('POST', 'consent', { provider: party.provider.id, ...decision });
    const url = new URL(authorizationUrl(party));
    const response = await fetch(`${sandbox.url}/${url.host}${url.pathname}${url.search}`, {
      redirect: 'manual',
    });
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    return Object.fromEntries(searchParams);
  };
  const exchange = (party: OAuthParty, callback: Values) =>
    adapter.exchangeCode(party, {
      code: callback.code ?? '',
      codeVerifier: requireOAuth2(party.provider).pkce ? VERIFIER : null,
      redirectUri: REDIRECT_URI,
      callback,
    });
  return {
    ...sandbox,
    adapter,
    authorize,
    exchange,
    /** Authorizes and exchanges the code. */
    async connect(party: OAuthParty, decision: object = {}): Promise<TokenSet> {
      return issued(await exchange(party, await authorize(party, decision)));
    },
    settings: (provider: string, settings: object) => sandbox.call('PUT', `tokens/${provider}`, settings),
    async grants(provider: string) {
      return grants.parse(await (await sandbox.call('GET', `grants?provider=${provider}`)).json()).items;
    },
  };
}

/** Returns a provider with the platform's client, and made-up fields. */
export function partyOf(provider: ProviderEntry): OAuthParty {
  return { provider, client: CLIENT, fields: makeSample(provider.auth.fields, 'one') };
}

/** Returns the party of a later request: with what was stored of the tokens. */
export function partyAfter(party: OAuthParty, tokens: TokenSet): OAuthParty {
  return { ...party, fields: toStoredCredentials(party.provider, tokens, party.fields).reveal() };
}

/** Returns what requests are made with. */
export function valuesOf({ provider, fields }: OAuthParty, tokens: TokenSet): Values {
  return { ...fields, ...toAccessValues(provider, tokens, fields) };
}

/** Returns the tokens of a successful call. */
export function issued(result: TokenResult): TokenSet {
  if (result.outcome !== 'ok') throw new Error(`The outcome is ${JSON.stringify(result)}.`);
  return result.tokens;
}

function authorizationUrl({ provider: entry, client, fields }: OAuthParty): string {
  const provider = completeGrant(entry, fields);
  if (provider === undefined) throw new Error(`The fields of ${entry.id} are incomplete.`);
  const { authorizeUrl = '', authorizeParameters, scopes, token, pkce } = requireOAuth2(provider);
  const {
    parameter = 'scope',
    optionalParameter = parameter,
    separator = ' ',
    required,
    optional = [],
  } = scopes;
  const isOwn = optionalParameter !== parameter;
  const query = new URLSearchParams({
    response_type: 'code',
    [token.clientIdParameter ?? 'client_id']: client.clientId,
    redirect_uri: REDIRECT_URI,
    state: 'state',
    [optionalParameter]: optional.join(separator),
    [parameter]: (isOwn ? required : [...required, ...optional]).join(separator),
    ...(pkce && {
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
    }),
    ...authorizeParameters,
  });
  return `${fill(authorizeUrl, (name) => fields[name])}?${query}`;
}
