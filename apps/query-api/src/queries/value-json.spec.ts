import { describe, expect, it } from '@jest/globals';
import { jsonOfRow, jsonOfValue } from './value-json.ts';

describe('jsonOfValue', () => {
  it.each([
    [9007199254740991n, 9007199254740991],
    [-9007199254740991n, -9007199254740991],
    [9007199254740992n, '9007199254740992'],
    [9223372036854775807n, '9223372036854775807'],
    [-9223372036854775808n, '-9223372036854775808'],
    [0n, 0],
  ])('keeps the whole number %p exact', (value, json) => {
    expect(jsonOfValue(value)).toBe(json);
  });

  it('keeps what JSON has no number for as text', () => {
    expect(jsonOfRow([Number.NaN, Number.NEGATIVE_INFINITY, 1.5, '1.50', null, true])).toEqual([
      'NaN',
      '-Infinity',
      1.5,
      '1.50',
      null,
      true,
    ]);
  });
});
