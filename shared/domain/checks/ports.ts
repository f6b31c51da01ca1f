import type { Verification } from '../credentials/verification.ts';
import type { Cadence } from './slots.ts';
import type { TokenRequest } from './token-bucket.ts';

/** A connection that is to be checked. */
export interface DueConnection {
  readonly projectId: string;
  readonly connectionId: string;
  readonly providerId: string;
}

/** Connections of one provider that are to be checked for one turn. */
export interface CheckBatch {
  /** The turn: a check of the same turn, or a later one, makes this one needless. */
  readonly scheduledFor: string;
  /** Of the run of the scheduler, or of the report, that asked for the checks. */
  readonly correlationId: string;
  readonly providerId: string;
  /** Whether an engine met a refusal just now, so that flows wait for the check. */
  readonly isReported?: boolean;
  readonly connections: readonly Omit<DueConnection, 'providerId'>[];
}

/** The most connections in one batch. */
export const BATCH_SIZE = 50;

/** Finds what is due, and remembers how far the scheduler has come. */
export interface CheckSchedule {
  /** The connections in a slot, by provider. */
  due(cadence: Cadence, slot: number): AsyncIterable<DueConnection>;
  /** The last minute whose checks were all enqueued. */
  loadCheckpoint(): Promise<number | undefined>;
  /** Moves on to a later minute; never back. */
  advanceCheckpoint(minute: number): Promise<void>;
}

/** A batch that is to come out of the queue after a while; at once where nothing is said. */
export interface QueuedBatch extends CheckBatch {
  /** What is more than 900 is 900. */
  readonly delaySeconds?: number;
}

/** Hands checks to the workers. */
export interface CheckQueue {
  enqueueChecks(batches: readonly QueuedBatch[]): Promise<void>;
}

/** The last check of a connection. */
export interface LastCheck {
  /** The last turn that is done with: the provider was asked, whatever it said. */
  readonly scheduledFor?: string | undefined;
  readonly at: string;
  readonly outcome: Verification['outcome'];
  /** When the provider last said something about the credentials. */
  readonly answeredAt?: string | undefined;
  /** Until when the provider said to wait. */
  readonly retryAt?: string | undefined;
}

/** Reads the last check of a connection. */
export interface LastCheckReader {
  findLastCheck(connectionId: string): Promise<LastCheck | undefined>;
}

/** Remembers the last check of each connection, apart from the connection itself: one small write a check. */
export interface LastCheckStore {
  /**
   * Does nothing where `turn`, or a later one, is done with. What a state leaves out of its turn and of when it was
   * answered stays as it was.
   */
  recordCheck(connectionId: string, scheduledFor: string, state: LastCheck): Promise<void>;
  /**
   * Whether a failure that is reported now is to have the connection checked, and stands for those of the next
   * `seconds`: not while an earlier report stands for it.
   */
  claimReport(connectionId: string, report: Report, seconds: number): Promise<boolean>;
  /** Has a report that led to no check stand for no other. */
  releaseReport(connectionId: string, report: Report): Promise<void>;
}

/** The engine's word that a provider refused it; the id tells one report from another of the same time. */
export interface Report {
  readonly id: string;
  readonly at: Date;
}

/** What a provider may be asked just now: a bucket of calls that all workers share. */
export interface CallBudget {
  /** For how many of the checks calls were granted, and after how many seconds there will be more. */
  takeTokens(
    providerId: string,
    wanted: TokenRequest,
    now: Date,
  ): Promise<{ readonly granted: number; readonly retryAfterSeconds: number }>;
  /** Grants nothing until `seconds` from now. */
  startCooldown(providerId: string, seconds: number, now: Date): Promise<void>;
}
