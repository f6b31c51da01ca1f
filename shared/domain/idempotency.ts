import { retryLater } from './errors.ts';
import {
  addSeconds,
  type Clock,
  DAY_SECONDS,
  type OperationContext,
  timestamp,
} from './operation-context.ts';

/** The record of one operation that must take effect once. `R` is the result that a repetition gets. */
export interface IdempotencyRecord<R = unknown> {
  readonly key: string;
  /** The attempt that carries the operation out, or did. */
  readonly ownerId: string;
  readonly status: 'in_progress' | 'completed';
  /** End of the lock: an operation that is still in progress then has no live owner. */
  readonly lockedUntil: string;
  /** From then on the key may be used anew. */
  readonly expiresAt: string;
  /** Salted hash that recognizes the same request; absent where the key alone identifies the operation. */
  readonly fingerprint?: { readonly salt: string; readonly hash: string } | undefined;
  readonly result?: R | undefined;
}

/** Stores idempotency records. Every call may be repeated with the same arguments. */
export interface IdempotencyStore<R = unknown> {
  /**
   * Stores `record` unless an unexpired record of the same key exists; `replacedOwnerId` names an owner whose record
   * is replaced all the same.
   *
   * @returns the record in force afterwards: `record` itself when it was acquired.
   */
  acquire(
    record: IdempotencyRecord<R>,
    options: { readonly now: Date; readonly replacedOwnerId?: string },
  ): Promise<IdempotencyRecord<R>>;
  /** Stores the result, unless another owner has acquired the key. */
  complete(record: IdempotencyRecord<R>, result: R | undefined): Promise<void>;
  /** Removes the record, unless another owner has acquired the key. */
  release(record: IdempotencyRecord<R>): Promise<void>;
}

/** Longer than any function that acquires a record runs (30 s), so an expired lock has no live owner. */
const LOCK_SECONDS = 60;

/** Creates the record of a new attempt. */
export function newIdempotencyRecord(
  identity: Pick<IdempotencyRecord, 'key' | 'fingerprint'>,
  retentionSeconds: number,
  { clock, ids }: Pick<OperationContext, 'clock' | 'ids'>,
): IdempotencyRecord<never> {
  const now = clock.now();
  return {
    ...identity,
    ownerId: ids.next(),
    status: 'in_progress',
    lockedUntil: timestamp(addSeconds(now, LOCK_SECONDS)),
    expiresAt: timestamp(addSeconds(now, retentionSeconds)),
  };
}

/** One operation and how its record is handled. */
export interface ExecuteOnceOptions<R> {
  readonly operation: () => Promise<R>;
  /** Throws when the record in force belongs to another request with the same key. */
  readonly requireSameRequest?: (existing: IdempotencyRecord<R>) => Promise<void>;
  /** False for a result that a repetition should not get; the record is released then. Default: all are kept. */
  readonly isFinal?: (result: R) => boolean;
  /** Receives the error when the result could not be stored. */
  readonly onStoreError?: (error: unknown) => void;
}

/** Result of one attempt at an operation that must take effect once. */
export type ExecuteOnceResult<R> =
  | { readonly outcome: 'executed'; readonly result: R }
  | { readonly outcome: 'replayed'; readonly result: R | undefined }
  | { readonly outcome: 'in_progress' };

/**
 * Carries out an operation once for all attempts with the same key:
 *
 * ```
 * acquire ─ acquired ──────────────► operation ─► complete
 *    │                                    └ throws ► release
 *    ├ completed ──────────────────► replay the stored result
 *    ├ in progress, lock expired ──► acquire in place of its owner
 *    └ in progress ────────────────► in_progress
 * ```
 *
 * A crash between the operation and `complete` leaves a record whose lock expires; the next attempt after that repeats
 * the operation once. An operation that succeeded is not failed because its result could not be stored.
 *
 * @throws whatever `operation` or `requireSameRequest` throws.
 */
export async function executeOnce<R>(
  record: IdempotencyRecord<R>,
  {
    operation,
    requireSameRequest,
    isFinal = () => true,
    onStoreError = () => undefined,
  }: ExecuteOnceOptions<R>,
  { store, clock }: { readonly store: IdempotencyStore<R>; readonly clock: Clock },
): Promise<ExecuteOnceResult<R>> {
  const now = clock.now();
  let current = await store.acquire(record, { now });
  if (current.ownerId !== record.ownerId) {
    await requireSameRequest?.(current);
    if (current.status === 'completed') return { outcome: 'replayed', result: current.result };
    if (current.lockedUntil > timestamp(now)) return { outcome: 'in_progress' };
    current = await store.acquire(record, { now, replacedOwnerId: current.ownerId });
    if (current.ownerId !== record.ownerId) return { outcome: 'in_progress' };
  }
  const result = await operationOrRelease(record, operation, store);
  try {
    await (isFinal(result) ? store.complete(record, result) : store.release(record));
  } catch (error) {
    onStoreError(error);
  }
  return { outcome: 'executed', result };
}

async function operationOrRelease<R>(
  record: IdempotencyRecord<R>,
  operation: () => Promise<R>,
  store: IdempotencyStore<R>,
): Promise<R> {
  try {
    return await operation();
  } catch (error) {
    // A record that could not be released expires with its lock.
    await Promise.allSettled([store.release(record)]);
    throw error;
  }
}

/** Longer than the event archive can replay (44 days), so that a replay repeats nothing. */
const DELIVERY_RETENTION_SECONDS = 45 * DAY_SECONDS;

/**
 * Runs the effect of a delivery once, however often the delivery comes.
 *
 * @returns true if the effect ran now, false if it ran before.
 * @throws DomainError `busy` while another delivery runs it; whatever `effect` throws.
 */
export async function runOnce(
  key: string,
  effect: () => Promise<void>,
  ports: { readonly idempotency: IdempotencyStore } & Pick<OperationContext, 'clock' | 'ids'>,
): Promise<boolean> {
  const record = newIdempotencyRecord({ key }, DELIVERY_RETENTION_SECONDS, ports);
  const { outcome } = await executeOnce(
    record,
    { operation: effect },
    { store: ports.idempotency, clock: ports.clock },
  );
  if (outcome === 'in_progress') {
    throw retryLater('busy', 'Another delivery of the same event is being handled.', LOCK_SECONDS);
  }
  return outcome === 'executed';
}
