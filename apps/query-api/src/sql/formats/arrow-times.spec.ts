import { describe, expect, it } from '@jest/globals';
import { daysOf, microsOf, unitsOf } from './arrow-times.ts';

describe('daysOf', () => {
  it.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2024-02-29', 19_782],
    ['0001-01-01', -719_162],
    ['0000-03-01', -719_468],
    ['-000044-03-15', -735_525],
    ['+010000-01-01', 2_932_897],
    ['infinity', 2 ** 31 - 1],
    ['-infinity', -(2 ** 31 - 1)],
  ])('of %s is %p', (text, days) => {
    expect(daysOf(text)).toBe(days);
  });
});

describe('microsOf', () => {
  it.each([
    ['1970-01-01T00:00:00', 0n],
    ['1970-01-01T00:00:00.000001Z', 1n],
    ['1969-12-31T23:59:59.999999', -1n],
    ['2024-02-29 12:00:00.25', 1_709_208_000_250_000n],
    ['2024-02-29 12:00:00.25+02', 1_709_200_800_250_000n],
    ['2024-02-29 12:00:00-05:30', 1_709_227_800_000_000n],
    ['infinity', 2n ** 63n - 1n],
    ['-infinity', -(2n ** 63n - 1n)],
  ])('of %s is %p', (text, micros) => {
    expect(microsOf(text)).toBe(micros);
  });

  it('refuses what it does not know', () => {
    expect(() => microsOf('44 BC')).toThrow(RangeError);
  });
});

describe('unitsOf', () => {
  it.each([
    ['1969-12-31T23:59:59', 0, -1n],
    ['+010000-01-01T00:00:00', 0, 253_402_300_800n],
    ['2024-02-29T12:00:00.123', 3, 1_709_208_000_123n],
    ['2262-04-11T23:47:16.854775806', 9, 2n ** 63n - 2n],
    ['1677-09-22T00:00:00.000000001', 9, -9_223_286_399_999_999_999n],
  ])('of %s in %p digits is %p', (text, digits, units) => {
    expect(unitsOf(text, digits)).toBe(units);
  });

  it('cuts nothing off', () => {
    expect(() => unitsOf('2024-02-29T12:00:00.1234567', 6)).toThrow(RangeError);
  });
});
