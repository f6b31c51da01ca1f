import { expect, test } from 'vitest';
import { dateOf, dateTimeOf, joinNames, timeLeft } from '../../../shared/domain/notices/wording.ts';

test.each([
  ['2026-01-01', '1 January 2026'],
  ['2026-02-28', '28 February 2026'],
  ['2026-03-31', '31 March 2026'],
  ['2026-04-30', '30 April 2026'],
  ['2026-05-09', '9 May 2026'],
  ['2026-06-10', '10 June 2026'],
  ['2026-07-11', '11 July 2026'],
  ['2026-08-12', '12 August 2026'],
  ['2026-09-13', '13 September 2026'],
  ['2026-10-14', '14 October 2026'],
  ['2026-11-15', '15 November 2026'],
  ['2026-12-31', '31 December 2026'],
])('%s is written as %s, first and last minute in UTC', (date, written) => {
  expect(dateOf(`${date}T00:00:00.000Z`)).toBe(written);
  expect(dateTimeOf(`${date}T00:00:59.999Z`)).toBe(`${written}, 00:00 UTC`);
  expect(dateTimeOf(`${date}T23:59:00.000Z`)).toBe(`${written}, 23:59 UTC`);
});

test.each([
  ['2026-03-03T11:59:59.999Z', 'within a day'],
  ['2026-03-03T12:00:00.000Z', 'in a day'],
  ['2026-03-04T11:59:59.999Z', 'in a day'],
  ['2026-03-04T12:00:00.000Z', 'in 2 days'],
  ['2026-03-17T00:00:00.000Z', 'in 14 days'],
])('until %s the time left is %s', (end, left) => {
  expect(timeLeft('2026-03-03T00:00:00.000Z', end)).toBe(left);
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
])('%j are joined to “%s”', (names, joined) => expect(joinNames(names)).toBe(joined));
