import { createHash } from 'node:crypto';

/** A cache may keep the response, for this user alone, and asks before each use whether it is still the same. */
const CACHE_CONTROL = 'private, no-cache';

/**
 * Returns the response 200 with the `ETag` of its content; 304 where `If-None-Match` names that (RFC 9110, section 13.1.2).
 * Tags are compared weakly: proxies that compress a response weaken its tag. A value that is no list of tags names none.
 */
export function unlessKnown<B>(body: B, ifNoneMatch = '') {
  const etag = `"${createHash('sha256').update(JSON.stringify(body)).digest('base64url')}"`;
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const headers = { 'cache-control': CACHE_CONTROL, etag };
  return known.includes(etag) || known.includes('*')
    ? ({ status: 304, body: null, headers } as const)
    : ({ status: 200, body, headers } as const);
}
