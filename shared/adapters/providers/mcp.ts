import type { ProviderRequest } from './client.ts';

const CLIENT = { name: 'connections', version: '1.0.0' };

/**
 * Builds the request for what a server supports, without a token. Servers of revision 2026-07-28 and later know it:
 * https://modelcontextprotocol.io/specification/2026-07-28/server/discover
 */
export function discoverRequest(url: URL): ProviderRequest {
  const version = '2026-07-28';
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': CLIENT,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return post(url, version, 'server/discover', { _meta });
}

/**
 * Builds the request that opens a session over streamable HTTP, without a token. Servers of the revisions from 2025-03-26 to
 * 2025-11-25 know it: https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export function initializeRequest(url: URL): ProviderRequest {
  const version = '2025-11-25';
  const params = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT };
  return post(url, version, 'initialize', params);
}

function post(url: URL, version: string, method: string, params: object): ProviderRequest {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': version,
    'mcp-method': method,
  };
  return { method: 'POST', url, headers, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) };
}

/** Reads the parameters of the Bearer challenge in `WWW-Authenticate` (RFC 9110, section 11.6.1), by their lower-case names. */
export function challengeOf(header: string): Readonly<Record<string, string | undefined>> {
  const [, parameters = ''] = /(?:^|,)\s*Bearer\s+(.*)$/is.exec(header) ?? [];
  const pairs = [...parameters.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)];
  return Object.fromEntries(
    pairs.map(([, name = '', quoted, token]) => [
      name.toLowerCase(),
      (quoted ?? token)?.replaceAll(/\\(.)/g, '$1'),
    ]),
  );
}
