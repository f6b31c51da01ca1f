import type * as oauth from 'oauth4webapi';
import { atPath, parseResponse } from '../../../catalog/responses.ts';
import { parseRetryAfter } from '../../../catalog/times.ts';
import type { OAuth2 } from '../../../domain/credentials/tokens.ts';
import type { Clock } from '../../../domain/operation-context.ts';
import type { ProviderClient, ProviderRequest } from '../client.ts';
import { toSeconds } from './token-set.ts';

/** An endpoint that did not process the request: it is down, or asks to wait. */
export class EndpointUnavailable extends Error {
  readonly retryAfterSeconds: number | undefined;

  constructor(retryAfterSeconds: number | undefined) {
    super('token endpoint unavailable');
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The provider's responses with tokens, before normalization, merged: entries read further values from them. */
export interface ReceivedTokens {
  response: Readonly<Record<string, unknown>>;
}

/** State that all requests of one call share. */
export interface SendContext {
  readonly client: ProviderClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Sends the library's request in the provider's form, and returns the response in the form of RFC 6749. */
export function sendNormalized(
  token: OAuth2['token'],
  received: ReceivedTokens,
  { client, clock, signal }: SendContext,
): (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) => Promise<Response> {
  return async (url, { headers, body }) => {
    const response = await client(toRequest(token, url, { headers, body }), signal);
    if (response.status === 429 || response.status >= 500) {
      const retryAfter = parseRetryAfter(response.headers['retry-after'] ?? '', clock.now());
      throw new EndpointUnavailable(retryAfter);
    }
    const parsed = toObject(response.body, parseResponse(response).json);
    const error = errorIn(token, parsed);
    if (error !== undefined) return Response.json({ error }, { status: Math.max(response.status, 400) });
    if (response.status >= 300) throw new EndpointUnavailable(undefined);
    const nested = token.root === undefined ? undefined : atPath(parsed, token.root);
    const tokens = isRecord(nested) ? nested : parsed;
    received.response = { ...received.response, ...parsed, ...tokens };
    return Response.json(toStandard(tokens, token.expiresAt, clock.now()));
  };
}

function toRequest(
  token: OAuth2['token'],
  url: string,
  { headers, body }: Pick<oauth.CustomFetchOptions<'POST', URLSearchParams>, 'headers' | 'body'>,
): ProviderRequest {
  const { client_id: clientId, ...others } = Object.fromEntries(body);
  const name = token.clientIdParameter ?? 'client_id';
  const parameters = { ...others, ...(clientId !== undefined && { [name]: clientId }) };
  const { 'content-type': _, ...own } = headers;
  const accepting = { ...own, ...token.headers, accept: 'application/json' };
  if (token.request === 'query') {
    const address = new URL(url);
    for (const [key, value] of Object.entries(parameters)) address.searchParams.set(key, value);
    return { method: 'GET', url: address, headers: accepting };
  }
  const isJson = token.request === 'json';
  const contentType = isJson ? 'application/json' : 'application/x-www-form-urlencoded';
  return {
    method: 'POST',
    url: new URL(url),
    headers: { ...accepting, 'content-type': contentType },
    body: isJson ? JSON.stringify(parameters) : new URLSearchParams(parameters).toString(),
  };
}

/** Returns the members that the library reads, in the types of RFC 6749. ID tokens are not used. */
function toStandard(
  tokens: Readonly<Record<string, unknown>>,
  expiresAt: string | undefined,
  now: Date,
): Record<string, unknown> {
  const { access_token, refresh_token, token_type = 'bearer', expires_in } = tokens;
  const end = Date.parse(String(expiresAt && atPath(tokens, expiresAt)));
  const seconds = toSeconds(expires_in) ?? toSeconds((end - now.getTime()) / 1_000);
  return {
    access_token,
    token_type,
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refresh_token }),
    ...(seconds !== null && { expires_in: seconds }),
  };
}

function toObject(body: string, json: unknown): Record<string, unknown> {
  return isRecord(json) ? json : Object.fromEntries(new URLSearchParams(body));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the error code of a response, also of one with status 200. */
function errorIn({ errorAt }: OAuth2['token'], response: Record<string, unknown>): string | undefined {
  if (errorAt) {
    const marker = atPath(response, errorAt.path);
    const code = atPath(response, errorAt.code);
    const isError = errorAt.path === errorAt.code ? code !== undefined : marker === false;
    if (isError || (marker === undefined && code !== undefined)) return String(code);
  }
  return typeof response.error === 'string' ? response.error : undefined;
}
