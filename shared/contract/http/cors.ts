/**
 * What browsers of the allowed origins may send to the API and read of its answers, beyond what they always may;
 * and for how long they may remember it.
 */
export const CORS = {
  allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match'],
  exposeHeaders: ['apigw-requestid', 'etag', 'idempotency-replayed', 'location', 'retry-after'],
  maxAgeSeconds: 300,
} as const;
