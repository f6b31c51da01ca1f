import { expect, test } from 'vitest';
import { applyVerification } from '../../../shared/domain/checks/judge.ts';
import type { Connection, StatusReasonCode } from '../../../shared/domain/connections/connection.ts';
import { newConnection } from '../../harness/connections.ts';

const AT = '2026-11-02T08:30:00.000Z';

const active = newConnection(AT);

test.each<[told: StatusReasonCode, expiresAt: string | null, is: StatusReasonCode]>([
  ['access_revoked', null, 'access_revoked'],
  ['access_revoked', '2026-11-02T08:30:00.001Z', 'access_revoked'],
  ['access_revoked', AT, 'credentials_expired'],
  ['access_changed', AT, 'access_changed'],
  ['credentials_expired', null, 'credentials_expired'],
])('%s, told of credentials that end at %s, is %s', (told, expiresAt, is) => {
  const verified = applyVerification({ ...active, expiresAt }, { outcome: 'rejected', reason: told }, AT);
  expect(verified).toMatchObject({ status: 'inactive', statusReason: is });
});

test('what ran out stays so, though the provider calls it revoked', () => {
  const ended: Connection = {
    ...active,
    status: 'inactive',
    statusReason: 'credentials_expired',
    expiresAt: AT,
  };
  expect(applyVerification(ended, { outcome: 'rejected', reason: 'access_revoked' }, AT)).toBe(ended);
});
