import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256 } from './api-gateway/node-sha256.ts';
import type { Session } from './session.ts';

/** Calls the engine's routes, signed as the flow engine signs. */
export async function signedFetch(
  { apiUrl, runtime }: Pick<Session, 'apiUrl' | 'runtime'>,
  method: string,
  path: string,
  body?: unknown,
  extra: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = new URL(path, apiUrl);
  const { region, service, accessKeyId, secretAccessKey } = runtime;
  const credentials = { accessKeyId, secretAccessKey };
  const signer = new SignatureV4({ region, service, credentials, sha256: NodeSha256 });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const signed = await signer.sign({
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
