import { createHash } from 'node:crypto';

/** Returns the redirect URI of a client: each has its own (RFC 9700, section 4.4). */
export function redirectUriOf(client: string, apiUrl: string): string {
  return `${apiUrl}/v1/oauth/callback/${client}`;
}

/** Returns the address of a client's metadata, which is its id where the server reads it. */
export function metadataUrlOf(client: string, apiUrl: string): string {
  return `${apiUrl}/v1/oauth/clients/${client}`;
}

/** Names the client at a server that a user named: another one for each server, so that none gets another's code. */
export function nameOfClient(providerId: string, server: string): string {
  return `${providerId.slice(0, 20)}-${createHash('sha256').update(server).digest('hex').slice(0, 16)}`;
}

/** Returns true for a name that `nameOfClient` gives. */
export function isDiscoveredClient(name: string): boolean {
  return /^[a-z0-9-]{1,20}-[0-9a-f]{16}$/.test(name);
}
