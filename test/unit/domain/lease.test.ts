import { expect, test } from 'vitest';
import { acquireLease, type LeasePorts, releaseLease } from '../../../shared/domain/connections/lease.ts';
import { refOf } from '../../../shared/domain/issuing/refresh.ts';
import type { StoredConnection } from '../../../shared/domain/model/connection.ts';
import type { UnitOfWork } from '../../../shared/domain/model/unit-of-work.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const connection = newConnection(NOW);

/** Acquires the lease of a connection whose other lease ends at `expiresAt`, or which has none. */
async function acquireBeside(expiresAt?: string) {
  const other = expiresAt === undefined ? null : ({ id: 'other', purpose: 'reconnect', expiresAt } as const);
  const stored = { ...newStoredConnection(connection), lease: other };
  const { lease } = await acquireLease({ purpose: 'reconnect' }, async () => stored, portsWith(stored));
  return lease;
}

function portsWith(stored: StoredConnection): LeasePorts {
  return {
    clock: { now: () => new Date(NOW) },
    ids: { next: () => 'own' },
    correlationId: 'request',
    backoff: () => Promise.resolve(),
    credentials: { exists: async () => false },
    connections: { find: async () => stored },
    unitOfWork: { commit: async () => 'committed' },
  };
}

test('a lease lasts 60 seconds', async () => {
  const lease = { id: 'own', purpose: 'reconnect', expiresAt: '2026-03-01T10:01:00.000Z' };
  expect(await acquireBeside()).toEqual(lease);
});

test.each([
  ['2026-03-01T10:01:00.000Z', 60],
  ['2026-03-01T10:00:10.001Z', 11],
  ['2026-03-01T10:00:00.001Z', 1],
])('a request beside a lease that ends at %s may be repeated when it has ended', async (end, seconds) => {
  await expect(acquireBeside(end)).rejects.toMatchObject({
    problem: { code: 'reconnect_in_progress', retryAfterSeconds: seconds },
  });
});

test('a lease has ended at its end', async () => {
  expect(await acquireBeside(NOW)).toMatchObject({ id: 'own' });
});

test.each([
  ['nothing', {}, null],
  ['its id, where a refresh may have replaced tokens', { isInterrupted: true }, 'own'],
])('a released lease leaves %s', async (_left, options, interruptedRefresh) => {
  const lease = { id: 'own', purpose: 'refresh', expiresAt: '2026-03-01T10:01:00.000Z' } as const;
  const stored = { ...newStoredConnection(connection), lease };
  const written: UnitOfWork[] = [];
  const commit = async (unit: UnitOfWork) => {
    written.push(unit);
    return 'committed' as const;
  };
  const released = await releaseLease(refOf(connection), lease, options, {
    ...portsWith(stored),
    unitOfWork: { commit },
  });
  expect(released).toEqual({ outcome: 'released' });
  const after = { ...stored, lease: null, interruptedRefresh };
  expect(written).toEqual([{ connections: [{ before: stored, after }], history: [] }]);
});
