import { expect, test } from 'vitest';
import { acquireLease } from '../../../shared/domain/connections/lease.ts';
import { newConnection, newStoredConnection } from '../../harness/connections.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const connection = newConnection(NOW);

/** Acquires the lease of a connection whose other lease ends at `expiresAt`, or which has none. */
async function acquireBeside(expiresAt?: string) {
  const other = expiresAt === undefined ? null : ({ id: 'other', purpose: 'reconnect', expiresAt } as const);
  const stored = { ...newStoredConnection(connection), lease: other };
  const { lease } = await acquireLease({ purpose: 'reconnect' }, async () => stored, {
    clock: { now: () => new Date(NOW) },
    ids: { next: () => 'own' },
    correlationId: 'request',
    backoff: () => Promise.resolve(),
    credentials: { exists: async () => false },
    connections: { find: async () => stored },
    unitOfWork: { commit: async () => 'committed' },
  });
  return lease;
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
