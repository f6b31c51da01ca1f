import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod/mini';
import { DomainError, failure, invalid, isRetryable, retryLater } from '../../domain/errors.ts';
import {
  executeOnce,
  type IdempotencyRecord,
  type IdempotencyStore,
  newIdempotencyRecord,
} from '../../domain/idempotency.ts';
import { DAY_SECONDS, type OperationContext } from '../../domain/operation-context.ts';
import { toProblem } from './problem.ts';
import type { HttpResponse } from './response.ts';

const KEY_FORMAT = /^[\x21-\x7e]{1,255}$/;

const derive = promisify<string, string, number, Buffer>(scrypt);

const storedResponse = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** A request with an idempotency key. */
export interface IdempotentRequest {
  readonly key: string;
  /** Caller and project of the key: keys of different callers or projects are different keys. */
  readonly scope: readonly unknown[];
  readonly event: APIGatewayProxyEventV2;
  readonly body: string;
}

export type IdempotencyPorts = Pick<OperationContext, 'clock' | 'ids'> & {
  readonly idempotency: IdempotencyStore;
  /** Receives the error when a response could not be stored. */
  readonly onStoreError: (error: unknown) => void;
};

/**
 * Handles a request once, and returns its stored response to repetitions for 24 hours. A refusal that a repetition would
 * meet again is stored like any response; one that passes by itself, and a failure of ours, are not (docs/decisions/0006).
 *
 * @throws DomainError `invalid_request` for a malformed key; `idempotency_key_reused`; `request_in_progress`.
 */
export async function withIdempotency(
  request: IdempotentRequest,
  handle: () => Promise<HttpResponse>,
  ports: IdempotencyPorts,
): Promise<HttpResponse> {
  const content = requestContent(request);
  const record = newIdempotencyRecord(
    { key: recordKey(request), fingerprint: await fingerprintOf(content) },
    DAY_SECONDS,
    ports,
  );
  const executed = await executeOnce<unknown>(
    record,
    {
      operation: () => toStorableResponse(handle, request.event),
      requireSameRequest: (existing) => requireSameRequest(existing, content),
      isFinal: (response) => storedResponse.parse(response).statusCode < 500,
      onStoreError: ports.onStoreError,
    },
    { store: ports.idempotency, clock: ports.clock },
  );
  if (executed.outcome === 'in_progress') {
    throw retryLater('request_in_progress', 'The first request with this key is still running.', 1);
  }
  const response = storedResponse.parse(executed.result);
  if (executed.outcome === 'executed') return response;
  return { ...response, headers: { ...response.headers, 'idempotency-replayed': 'true' } };
}

function recordKey({ key, scope }: IdempotentRequest): string {
  if (!KEY_FORMAT.test(key)) {
    throw invalid([{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }]);
  }
  return createHash('sha256')
    .update(JSON.stringify([...scope, key]))
    .digest('base64url');
}

/** Returns everything of the request that its response depends on. It may hold credentials and is never stored. */
function requestContent({ event, body }: IdempotentRequest): string {
  const { method, path } = event.requestContext.http;
  return JSON.stringify([method, path, event.headers['if-match'] ?? '', body]);
}

/** Hashes the request as a password: it may hold credentials of low entropy, which a plain digest would reveal. */
async function fingerprintOf(content: string): Promise<{ readonly salt: string; readonly hash: string }> {
  const salt = randomBytes(16).toString('base64url');
  return { salt, hash: (await derive(content, salt, 32)).toString('base64url') };
}

async function requireSameRequest({ fingerprint }: IdempotencyRecord, content: string): Promise<void> {
  const { salt = '', hash = '' } = fingerprint ?? {};
  const expected = Buffer.from(hash, 'base64url');
  const actual = await derive(content, salt, 32);
  if (expected.length === actual.length && timingSafeEqual(actual, expected)) return;
  throw failure('idempotency_key_reused', 'The key was used for another request. Use a new key.');
}

/** Converts a refusal that a repetition would meet again into its response. */
async function toStorableResponse(
  handle: () => Promise<HttpResponse>,
  event: APIGatewayProxyEventV2,
): Promise<HttpResponse> {
  try {
    return await handle();
  } catch (error) {
    if (!(error instanceof DomainError) || isRetryable(error.code)) throw error;
    return toProblem(error, event.requestContext.requestId);
  }
}
