import { describe, expect, test } from 'vitest';
import { applyVerification } from '../../../shared/domain/checks/check.ts';
import type { Connection } from '../../../shared/domain/model/connection.ts';
import type { StatusReason } from '../../../shared/domain/terms.ts';
import { newConnection } from '../../harness/connections.ts';

const BEFORE = '2026-10-01T00:00:00.000Z';
const AT = '2026-11-02T08:30:00.000Z';
const LATER = '2027-01-01T00:00:00.000Z';
const LATER_STILL = '2027-02-01T00:00:00.000Z';

const active = { ...newConnection(BEFORE), version: 3 };
const expired: Connection = {
  ...active,
  status: 'inactive',
  statusReason: 'credentials_expired',
  expiresAt: BEFORE,
};
const CHANGED = { updatedAt: AT, version: 4 };

describe('an accepted verification', () => {
  test.each<[name: string, before: Connection, reported: string | null, after: Connection]>([
    ['changes nothing when nothing is new', active, null, active],
    [
      'keeps the entered end without a reported one',
      { ...active, expiresAt: LATER },
      null,
      { ...active, expiresAt: LATER },
    ],
    ['sets the reported end', active, LATER, { ...active, ...CHANGED, expiresAt: LATER }],
    [
      'replaces the end by a later reported one',
      { ...active, expiresAt: LATER },
      LATER_STILL,
      { ...active, ...CHANGED, expiresAt: LATER_STILL },
    ],
    [
      'drops an entered end that is past, and activates the connection',
      expired,
      null,
      { ...active, ...CHANGED, statusSince: AT, expiresAt: null },
    ],
    ['ignores a reported end that is past', active, BEFORE, active],
    [
      'activates the connection with its new end in one change',
      expired,
      LATER,
      { ...active, ...CHANGED, statusSince: AT, expiresAt: LATER },
    ],
  ])('%s', (_name, before, expiresAt, expected) => {
    const after = applyVerification(before, { outcome: 'ok', account: null, expiresAt }, AT);
    expect(after).toEqual(expected);
    // Callers commit nothing for the same object.
    expect(after === before).toBe(expected.version === before.version);
  });
});

describe('a rejection', () => {
  test.each<[reason: StatusReason, expiresAt: string | null, stored: StatusReason]>([
    ['access_revoked', null, 'access_revoked'],
    ['access_revoked', '2026-11-02T08:30:00.001Z', 'access_revoked'],
    ['access_revoked', AT, 'credentials_expired'],
    ['access_changed', AT, 'access_changed'],
    ['credentials_expired', null, 'credentials_expired'],
  ])('for %s of credentials that end at %s is stored as %s', (reason, expiresAt, statusReason) => {
    const after = applyVerification({ ...active, expiresAt }, { outcome: 'rejected', reason }, AT);
    expect(after).toMatchObject({ status: 'inactive', statusReason });
  });

  test('of expired credentials as revoked changes nothing', () => {
    expect(applyVerification(expired, { outcome: 'rejected', reason: 'access_revoked' }, AT)).toBe(expired);
  });
});
