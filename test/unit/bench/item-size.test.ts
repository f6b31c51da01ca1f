import { describe, expect, test } from 'vitest';
import { itemSize, readUnits } from '../../bench/item-size.ts';

describe('the size of an item', () => {
  test.each([
    ['a string by its bytes in UTF-8', { S: 'é€😀' }, 2 + 3 + 4],
    ['an empty string', { S: '' }, 0],
    ['a small number', { N: '7' }, 1 + 1],
    ['a number by its significant digits', { N: '001234500' }, 3 + 1],
    ['zero', { N: '0' }, 1],
    ['a negative fraction', { N: '-12.345' }, 3 + 1 + 1],
    ['a number with an exponent', { N: '1.25E+10' }, 2 + 1],
    ['a boolean', { BOOL: true }, 1],
    ['null', { NULL: true }, 1],
    ['binary by its bytes, not by its base64 text', { B: 'AQIDBA==' }, 4],
    ['an empty list', { L: [] }, 3],
    ['a list', { L: [{ S: 'ab' }, { N: '1' }] }, 3 + (1 + 2) + (1 + 2)],
    [
      'a map with the names in it',
      { M: { ab: { S: 'c' }, d: { NULL: true } } },
      3 + (1 + 2 + 1) + (1 + 1 + 1),
    ],
    ['a set of strings', { SS: ['a', 'bc'] }, 3],
    ['a set of numbers', { NS: ['1', '-20.5'] }, 1 + 1 + (2 + 1 + 1)],
  ])('counts %s', (_, value, bytes) => {
    expect(itemSize({ name: value })).toBe(4 + bytes);
  });

  test('is the sum of its attributes', () => {
    expect(itemSize({ pk: { S: 'p' }, sk: { S: 's' } })).toBe(6);
  });
});

test('an unknown type is refused', () => {
  expect(() => itemSize({ name: { X: '1' } })).toThrow('DynamoDB has no type X.');
});

describe('the units of a read', () => {
  test.each([
    [0, 0.5],
    [1, 0.5],
    [4096, 0.5],
    [4097, 1],
    [40_960, 5],
  ])('of %d bytes are %d', (bytes, units) => {
    expect(readUnits(bytes)).toBe(units);
  });
});
