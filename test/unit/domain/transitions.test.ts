import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../shared/domain/connections/connection.ts';
import { confirmed } from '../../../shared/domain/connections/transitions.ts';
import { newConnection } from '../../harness/connections.ts';

const AT = '2026-11-02T08:30:00.000Z';
const BEFORE = '2026-10-01T00:00:00.000Z';
const LATER = '2027-01-01T00:00:00.000Z';
const LATER_STILL = '2027-02-01T00:00:00.000Z';

const active = { ...newConnection(BEFORE), version: 3 };

const ended: Connection = {
  ...active,
  status: 'inactive',
  statusReason: 'credentials_expired',
  expiresAt: BEFORE,
};

const CHANGED = { updatedAt: AT, version: 4 };

describe('a connection that was found to work', () => {
  test.each([
    ['is the same where nothing is new', active, null, active],
    [
      'keeps the end that was entered',
      { ...active, expiresAt: LATER },
      null,
      { ...active, expiresAt: LATER },
    ],
    ['takes the end that the provider tells', active, LATER, { ...active, ...CHANGED, expiresAt: LATER }],
    [
      'takes a later end over the one that it had',
      { ...active, expiresAt: LATER },
      LATER_STILL,
      { ...active, ...CHANGED, expiresAt: LATER_STILL },
    ],
    [
      'has not ended, whatever date was entered',
      ended,
      null,
      { ...active, ...CHANGED, statusSince: AT, expiresAt: null },
    ],
    ['has not ended, whatever the provider tells', active, BEFORE, active],
    [
      'turns active with its new end in one change',
      ended,
      LATER,
      { ...active, ...CHANGED, statusSince: AT, expiresAt: LATER },
    ],
  ])('%s', (_name, before, told, after) => {
    expect(confirmed(before, told, AT)).toEqual(after);
    expect(confirmed(before, told, AT) === before).toBe(after.version === before.version);
  });
});
