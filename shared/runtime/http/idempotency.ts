import { randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { failure, invalid } from '../../domain/errors.ts';
import { after, type Clock, DAY_SECONDS, timestamp } from '../../domain/time.ts';
import type { HttpResponse } from './response.ts';

/** The record of one request that came with an idempotency key. */
export interface IdempotencyRecord {
  /** Who is, or was, carrying the request out. */
  readonly claim: string;
  readonly salt: string;
  readonly fingerprint: string;
  /** Until then a request without an answer counts as running. */
  readonly lockedUntil: string;
  /** Until then the answer is given again. */
  readonly expiresAt: Date;
  readonly answer?: HttpResponse;
}

/** Keeps the records, under a digest of who sent which key. */
export interface IdempotencyStore {
  findRecord(digest: string): Promise<IdempotencyRecord | undefined>;
  /**
   * Writes a record where the one that stands is still `before`; false where it is another by now. That our own
   * stands already, for an answer was lost and the call repeated, is not another.
   */
  replaceRecord(
    digest: string,
    change: { readonly before: IdempotencyRecord | undefined; readonly after: IdempotencyRecord | undefined },
  ): Promise<boolean>;
}

/** A request that is to be carried out once. */
export interface Keyed {
  /** Who sent which key. */
  readonly digest: string;
  /** All of the request that its answer depends on. It may hold credentials and is never kept. */
  readonly request: string;
}

/** What carrying a request out once takes. */
export interface OncePorts extends IdempotencyStore {
  readonly clock: Clock;
  /** Is told why an answer could not be kept. */
  readonly notKept: (error: unknown) => void;
}

/** A function cannot live longer than 30 s; a claim that is older has nobody behind it. */
const LOCK_SECONDS = 60;
const KEPT_SECONDS = DAY_SECONDS;
const KEY_FORM = /^[\x21-\x7e]{1,255}$/;

const derive = promisify<string, string, number, Buffer>(scrypt);

/** @throws DomainError `invalid_request` for a key that is not 1 to 255 visible ASCII characters. */
export function requireKeyForm(key: string): string {
  if (KEY_FORM.test(key)) return key;
  throw invalid([{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }]);
}

/**
 * Carries a request out once, and gives its first answer again for 24 hours. An answer that says to try again
 * is not kept, nor is a failure of ours. What was carried out is answered, even where the answer could not be kept.
 *
 * @throws DomainError `idempotency_key_reused`, `request_in_progress`.
 */
export async function once(
  { digest, request }: Keyed,
  carryOut: () => Promise<HttpResponse>,
  ports: OncePorts,
): Promise<HttpResponse> {
  const before = await ports.findRecord(digest);
  const now = ports.clock.now();
  const known = before && before.expiresAt > now ? before : undefined;
  if (known && !(await matches(known, request))) {
    throw failure('idempotency_key_reused', 'The key was used for another request. Use a new key.');
  }
  if (known?.answer) return replayed(known.answer);
  if (known && known.lockedUntil > timestamp(now)) throw inProgress();
  const claim = await newRecord(request, now);
  if (!(await ports.replaceRecord(digest, { before, after: claim }))) throw inProgress();
  const answer = await released(digest, claim, carryOut, ports);
  const kept = answer.statusCode < 500 ? { ...claim, answer } : undefined;
  try {
    await ports.replaceRecord(digest, { before: claim, after: kept });
  } catch (error) {
    // It is done: to fail now would have the caller do it again (docs/decisions/0006).
    ports.notKept(error);
  }
  return answer;
}

/** What fails without an answer leaves no claim behind, so that it can be tried again at once. */
async function released(
  digest: string,
  claim: IdempotencyRecord,
  carryOut: () => Promise<HttpResponse>,
  ports: IdempotencyStore,
): Promise<HttpResponse> {
  try {
    return await carryOut();
  } catch (error) {
    // Should this fail as well, the claim ends by itself after a minute.
    await Promise.allSettled([ports.replaceRecord(digest, { before: claim, after: undefined })]);
    throw error;
  }
}

/**
 * The request is told apart by a salted scrypt hash, kept as a password would be: it may hold credentials of
 * little entropy, and a plain digest of those could be tried out.
 */
async function newRecord(request: string, now: Date): Promise<IdempotencyRecord> {
  const salt = randomBytes(16).toString('base64url');
  return {
    claim: randomUUID(),
    salt,
    fingerprint: (await derive(request, salt, 32)).toString('base64url'),
    lockedUntil: timestamp(after(now, LOCK_SECONDS)),
    expiresAt: after(now, KEPT_SECONDS),
  };
}

async function matches({ salt, fingerprint }: IdempotencyRecord, request: string): Promise<boolean> {
  return timingSafeEqual(await derive(request, salt, 32), Buffer.from(fingerprint, 'base64url'));
}

function replayed(answer: HttpResponse): HttpResponse {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

function inProgress() {
  return failure('request_in_progress', 'The first request with this key is still running.');
}
