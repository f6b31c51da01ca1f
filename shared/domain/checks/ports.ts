import type { ConnectionRef } from '../model/connection.ts';
import type { Cadence, CheckOutcome } from '../terms.ts';

/** A connection whose scheduled check is due. */
export interface DueConnection extends ConnectionRef {
  readonly providerId: string;
}

/** Connections of one provider to check for one scheduled time: the body of a queue message. */
export interface CheckBatch {
  /** Scheduled time. A recorded check for this time or a later one makes the check unnecessary. */
  readonly scheduledFor: string;
  /** The id of the scheduler's run, or of the report, that asked for the checks. */
  readonly correlationId: string;
  readonly providerId: string;
  /** True when an engine just met a refusal, so that flows wait for the check. */
  readonly isReported?: boolean;
  /** True when the provider's tokens for these checks are reserved. */
  readonly isReserved?: boolean;
  readonly connections: readonly ConnectionRef[];
}

/** The most connections of one batch. */
export const BATCH_SIZE = 50;

/** Finds due checks, and stores the scheduler's checkpoint. */
export interface CheckSchedule {
  /** Yields the connections of a slot, sorted by provider. */
  due(cadence: Cadence, slot: number): AsyncIterable<DueConnection>;
  /** Returns the last minute since 1970 whose checks were all enqueued. */
  loadCheckpoint(): Promise<number | undefined>;
  /** Moves the checkpoint to a later minute. An earlier one changes nothing. */
  advanceCheckpoint(minute: number): Promise<void>;
}

/** A batch with the delay of its delivery. */
export interface QueuedBatch extends CheckBatch {
  /** Default 0. Capped at 900 s, SQS's maximum delay. */
  readonly delaySeconds?: number;
}

/** Sends batches to the workers. */
export interface CheckQueue {
  enqueue(batches: readonly QueuedBatch[]): Promise<void>;
}

/** The last check of a connection. */
export interface LastCheck {
  /** The scheduled time of the last completed check, whatever its outcome. */
  readonly scheduledFor?: string | undefined;
  readonly at: string;
  readonly outcome: CheckOutcome;
  /** Time of the last response that says something about the credentials. */
  readonly respondedAt?: string | undefined;
  /** The provider asked not to be called before. */
  readonly retryAt?: string | undefined;
}

/** Reads last checks. */
export interface LastCheckReader {
  /** Reads strongly consistently. */
  find(connectionId: string): Promise<LastCheck | undefined>;
  /** Reads at half the price, and may miss a check of the last second. */
  findEventual(connectionId: string): Promise<LastCheck | undefined>;
}

/** An engine's report of a refusal. The id distinguishes reports of the same time. */
interface FailureReport {
  readonly id: string;
  readonly at: Date;
}

/** Stores last checks in items of their own: one small write per check, in no index. */
export interface LastCheckStore {
  /**
   * Records a check, unless a check for `scheduledFor` or a later time is recorded. Fields that `lastCheck` leaves out
   * keep their values, except `retryAt`, which is removed.
   */
  record(connectionId: string, scheduledFor: string, lastCheck: LastCheck): Promise<void>;
  /**
   * Opens a deduplication window of `seconds` for reports about a connection. Returns false while the window of an
   * earlier report is open.
   */
  claimReport(connectionId: string, report: FailureReport, seconds: number): Promise<boolean>;
  /** Closes the window of a report that led to no check. */
  releaseReport(connectionId: string, report: FailureReport): Promise<void>;
}
