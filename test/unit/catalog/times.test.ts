import { describe, expect, it } from 'vitest';
import { clampWait, parseRetryAfter, toTimestamp } from '../../../shared/catalog/times.ts';

describe('an expiry', () => {
  it.each([
    ['2027-03-04', '2027-03-04T00:00:00.000Z'],
    ['2027-03-04T05:06:07Z', '2027-03-04T05:06:07.000Z'],
    ['2027-03-04T05:06:07.891Z', '2027-03-04T05:06:07.891Z'],
    ['2027-03-04T05:06:07+02:00', '2027-03-04T03:06:07.000Z'],
    ['2027-03-04 05:06:07 UTC', '2027-03-04T05:06:07.000Z'],
    ['2027-03-04 05:06:07 -0800', '2027-03-04T13:06:07.000Z'],
    ['2027-03-04 05:06:07', '2027-03-04T05:06:07.000Z'],
    ['1804136767', '2027-03-04T05:06:07.000Z'],
    ['1804136767000', '2027-03-04T05:06:07.000Z'],
  ])('%s is %s', (text, timestamp) => expect(toTimestamp(text)).toBe(timestamp));

  it.each(['', 'never', '2027-13-01', '2027-03-04T25:00:00Z', '04/03/2027', '12', 'null'])(
    '%j is no time',
    (text) => expect(toTimestamp(text)).toBeNull(),
  );
});

describe('a wait', () => {
  const now = new Date('2027-01-01T00:00:00Z');

  it.each([
    ['30', 30],
    ['2.0', 2],
    ['0', 0],
    ['Fri, 01 Jan 2027 00:01:00 GMT', 60],
  ])('%s is %d seconds', (text, seconds) => expect(parseRetryAfter(text, now)).toBe(seconds));

  it.each(['', 'soon', '-5', '2027-01-01'])('%j is no wait', (text) =>
    expect(parseRetryAfter(text, now)).toBeUndefined(),
  );

  it('is never shorter than a second or longer than an hour', () => {
    expect([-5, 0, 0.2, 1.2, 3600, 1e9].map(clampWait)).toEqual([1, 1, 1, 2, 3600, 3600]);
  });
});
