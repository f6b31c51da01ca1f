import { expect, test } from 'vitest';
import { expiresSoon, isInExpiringList, reminderAfter } from '../../../shared/domain/model/expiry.ts';

const NOW = new Date('2026-03-01T00:00:00.000Z');
const IN_14_DAYS = '2026-03-15T00:00:00.000Z';
const LATER = '2026-03-15T00:00:00.001Z';

test.each([
  ['active', IN_14_DAYS, true],
  ['active', LATER, false],
  ['active', '2026-02-01T00:00:00.000Z', true],
  ['active', null, false],
  ['inactive', IN_14_DAYS, false],
] as const)('a connection that is %s and ends at %s expires soon: %s', (status, expiresAt, expected) => {
  expect(expiresSoon({ status, expiresAt }, NOW)).toBe(expected);
});

test.each([
  ['active', LATER, 14, false],
  ['active', LATER, 7, true],
  ['active', LATER, null, true],
  ['active', null, null, false],
  ['inactive', LATER, 7, false],
] as const)('one that is %s, ends at %s, with the next reminder at %s days, is listed: %s', (...row) => {
  const [status, expiresAt, daysAhead, expected] = row;
  const reminder = daysAhead === null ? null : { at: LATER, daysAhead };
  expect(isInExpiringList({ status, expiresAt }, reminder)).toBe(expected);
});

test.each([
  ['2026-03-15T00:00:00.001Z', { at: '2026-03-01T00:00:00.001Z', daysAhead: 14 }],
  [IN_14_DAYS, { at: '2026-03-08T00:00:00.000Z', daysAhead: 7 }],
  ['2026-03-08T00:00:00.000Z', { at: '2026-03-07T00:00:00.000Z', daysAhead: 1 }],
  ['2026-03-02T00:00:00.000Z', { at: '2026-03-02T00:00:00.000Z', daysAhead: 0 }],
  ['2026-03-01T00:00:00.000Z', null],
  [null, null],
])('the next reminder of credentials that end at %s is %j', (expiresAt, reminder) => {
  expect(reminderAfter(NOW, expiresAt)).toEqual(reminder);
});
