import type { ProviderRequest } from './client.ts';

/** Revision whose handshake servers of every revision since 2025-03-26 accept, unless they speak 2026-07-28 alone. */
const PROTOCOL_VERSION = '2025-11-25';

/**
 * Builds the request that opens a session over streamable HTTP, without a token:
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle
 */
export function initializeRequest(url: URL): ProviderRequest {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: PROTOCOL_VERSION,
      capabilities: {},
      clientInfo: { name: 'connections', version: '1.0.0' },
    },
  });
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': PROTOCOL_VERSION,
  };
  return { method: 'POST', url, headers, body };
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
