import { signerFor } from './api-gateway/sigv4.ts';
import type { Session } from './session.ts';

/** Sends a request to the engine's routes, signed as the flow engine signs. */
export async function signedFetch(
  { apiUrl, runtime }: Pick<Session, 'apiUrl' | 'runtime'>,
  method: string,
  path: string,
  body?: unknown,
  extra: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = new URL(path, apiUrl);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signed = await signerFor(runtime).sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: url.pathname,
    query: {},
    headers: { ...extra, host: url.host, ...(text !== undefined && { 'content-type': 'application/json' }) },
    body: text,
  });
  const { host: _, ...headers } = signed.headers;
  return fetch(url, { method, headers, ...(text !== undefined && { body: text }) });
}
