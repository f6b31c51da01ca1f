import { expect, test } from 'vitest';
import { discoverRequest, initializeRequest } from '../../../shared/adapters/providers/mcp.ts';

const url = new URL('https://api.example.com/mcp');

/** A server may refuse a request that names no revision, or not both media types (MCP, Streamable HTTP). */
test.each([
  ['2026-07-28', 'server/discover', discoverRequest(url)],
  ['2025-11-25', 'initialize', initializeRequest(url)],
])('a request of revision %s has the headers of its transport', (revision, method, request) => {
  expect(request).toMatchObject({
    method: 'POST',
    url,
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': revision,
      'mcp-method': method,
    },
  });
  expect(JSON.parse(request.body ?? '')).toMatchObject({ jsonrpc: '2.0', id: 1, method });
});
