/** CORS of the API: request headers, readable response headers, and how long browsers may cache the preflight. */
export const CORS = {
  allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match'],
  exposeHeaders: ['apigw-requestid', 'etag', 'idempotency-replayed', 'location', 'retry-after'],
  maxAgeSeconds: 300,
} as const;
