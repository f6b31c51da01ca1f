import { describe, expect, test } from 'vitest';
import { applyVerification } from '../../../shared/domain/checks/check.ts';
import type { Connection } from '../../../shared/domain/model/connection.ts';
import { reconnected, withEnd } from '../../../shared/domain/model/status.ts';
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

describe('the end of a refreshed grant', () => {
  const ending = { ...active, expiresAt: LATER };

  test.each([
    ['stays where it moved by less than a day', '2027-01-01T23:59:59.999Z', ending],
    ['stays where it moved back by less than a day', '2026-12-31T00:00:00.001Z', ending],
    [
      'moves by a day',
      '2027-01-02T00:00:00.000Z',
      { ...ending, ...CHANGED, expiresAt: '2027-01-02T00:00:00.000Z' },
    ],
    ['goes', null, { ...ending, ...CHANGED, expiresAt: null }],
  ])('%s', (_name, expiresAt, expected) => {
    const after = withEnd(ending, expiresAt, AT);
    expect(after).toEqual(expected);
    expect(after === ending).toBe(expected === ending);
  });

  test('is set where none was known', () => {
    expect(withEnd(active, LATER, AT)).toEqual({ ...active, ...CHANGED, expiresAt: LATER });
    expect(withEnd(active, null, AT)).toBe(active);
  });
});

describe('a reconnect', () => {
  const known = { id: 'team', label: 'Team' };
  const other = { id: 'other', label: 'Other' };

  test.each([
    ['stores the account of the new credentials', other, other],
    ['keeps the known account where the provider names none', null, known],
  ])('%s', (_name, account, expected) => {
    const after = reconnected({ ...active, account: known }, { account, expiresAt: LATER }, AT);
    expect(after).toMatchObject({
      account: expected,
      expiresAt: LATER,
      reconnectedAt: AT,
      lastCheckedAt: AT,
    });
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
