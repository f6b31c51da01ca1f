import { queueWorkers } from '../../../shared/contract/background/index.ts';
import { checkBatch } from '../../../shared/domain/checks/check-batch.ts';
import { enqueueDueChecks } from '../../../shared/domain/checks/enqueue-due.ts';
import type { DueConnection, LastCheck, QueuedBatch } from '../../../shared/domain/checks/ports.ts';
import { minuteOf, startOf } from '../../../shared/domain/checks/slots.ts';
import { type TokenBucket, takeTokens } from '../../../shared/domain/checks/token-bucket.ts';
import { Credentials } from '../../../shared/domain/credentials/credentials.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import type { Cadence } from '../../../shared/domain/terms.ts';
import { CHECKS_PER_TAKE, TAKE_SECONDS } from '../cost/usage.ts';
import { DelayQueue } from './delay-queue.ts';
import type { WorkerPorts } from './open.ts';

/** The simulation: the production code of scheduler and worker, on a clock of its own, with table and queue in memory. */
export interface Simulation {
  /** The connections of each slot of an hour. */
  readonly slots: readonly (readonly DueConnection[])[];
  readonly ports: WorkerPorts;
  /** A connection of each provider, in place of all of them. */
  readonly samples: ReadonlyMap<string, StoredConnection>;
  /** `checks.concurrency` and `checks.callsPerSecondOf` of a stage. */
  readonly concurrency: number;
  readonly perSecondOf: Readonly<Record<string, number>>;
  /** Minutes before the start in which the scheduler did not run. */
  readonly outageMinutes: number;
  readonly minutes: number;
}

/** A check: when it was due and when it was made, in seconds since the start. */
export interface SimulatedCheck {
  readonly providerId: string;
  readonly dueAt: number;
  readonly madeAt: number;
}

export interface SimulationResult {
  readonly checks: readonly SimulatedCheck[];
  /** Checks that were dropped, as the next one of their connection was due. */
  readonly superseded: number;
  readonly waiting: number;
}

/** A worker without a check to make ends its invocation after this time. */
const IDLE_SECONDS = 0.05;
/** Providers accept all credentials here. */
const NONE = new Credentials({});
const START = startOf(minuteOf(new Date()));

/** Simulates the minutes after the start. */
export async function simulate(simulation: Simulation): Promise<SimulationResult> {
  const { concurrency, minutes } = simulation;
  const state = { now: 0, made: 0 };
  const queue = new DelayQueue<QueuedBatch>();
  const checks: SimulatedCheck[] = [];
  const ports = portsOf(simulation, state, queue, checks);
  const freeAt = Array.from({ length: concurrency }, () => 0);
  let superseded = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    const end = (minute + 1) * 60;
    state.now = minute * 60;
    await enqueueDueChecks(ports);
    for (;;) {
      const worker = freeAt.indexOf(Math.min(...freeAt));
      const next = Math.max(freeAt[worker] ?? 0, queue.nextAt(), minute * 60);
      if (next >= end) break;
      state.now = next;
      const batches = queue.take(next, queueWorkers.checkConnections.batchSize);
      let longest = 0;
      for (const batch of batches) {
        state.made = 0;
        superseded += (await checkBatch(batch, ports)).superseded;
        longest = Math.max(longest, state.made);
      }
      const takes = Math.ceil(longest / CHECKS_PER_TAKE);
      freeAt[worker] = next + Math.max(IDLE_SECONDS, takes * TAKE_SECONDS);
    }
  }
  return { checks, superseded, waiting: queue.size };
}

/** The worker's ports with memory in place of table and queue. */
function portsOf(
  { slots, ports, samples, perSecondOf, outageMinutes }: Simulation,
  state: { now: number; made: number },
  queue: DelayQueue<QueuedBatch>,
  checks: SimulatedCheck[],
) {
  const now = () => new Date(START.getTime() + state.now * 1_000);
  const lastChecks = new Map<string, LastCheck>();
  const buckets = new Map<string, TokenBucket>();
  let checkpoint = minuteOf(START) - 1 - outageMinutes;
  const providerOf = new Map(
    slots.flatMap((due) => due.map(({ connectionId, providerId }) => [connectionId, providerId])),
  );
  return {
    ...ports,
    clock: { now },
    callLimits: { ...ports.callLimits, perSecondOf },
    schedule: {
      async *due(cadence: Cadence, slot: number) {
        if (cadence === 'hour') yield* slots[slot] ?? [];
      },
      loadCheckpoint: () => Promise.resolve(checkpoint),
      advanceCheckpoint(minute: number) {
        checkpoint = minute;
        return Promise.resolve();
      },
    },
    checkQueue: {
      enqueue(batches: readonly QueuedBatch[]) {
        for (const batch of batches) queue.add(state.now + (batch.delaySeconds ?? 0), batch);
        return Promise.resolve();
      },
    },
    connections: {
      ...ports.connections,
      find: ({ connectionId }: { readonly connectionId: string }) =>
        Promise.resolve(samples.get(providerOf.get(connectionId) ?? '')),
    },
    credentials: { ...ports.credentials, read: () => Promise.resolve(NONE), reseal: () => Promise.resolve() },
    lastChecks: {
      ...ports.lastChecks,
      find: (id: string) => Promise.resolve(lastChecks.get(id)),
      record(id: string, scheduledFor: string, check: LastCheck) {
        lastChecks.set(id, check);
        state.made += 1;
        const dueAt = (Date.parse(scheduledFor) - START.getTime()) / 1_000;
        checks.push({ providerId: providerOf.get(id) ?? '', dueAt, madeAt: state.now });
        return Promise.resolve();
      },
    },
    callBudget: {
      takeTokens(providerId: string, request: Parameters<typeof takeTokens>[1], at: Date) {
        const { bucket, ...grant } = takeTokens(buckets.get(providerId), request, at);
        buckets.set(providerId, bucket);
        return Promise.resolve(grant);
      },
      startCooldown: () => Promise.resolve(),
    },
  };
}
