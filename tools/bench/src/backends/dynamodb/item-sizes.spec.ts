import { expect, it } from '@jest/globals';
import { bytesOfItem } from './item-sizes.ts';

it('counts names and values of an item, and its keys once more for each index that it is in', () => {
  const item = { pk: { S: 'ab' }, sk: { S: 'é' }, n: { N: '1764000000000' }, l: { L: [{ S: 'x' }, { BOOL: true }] } };
  const keys = 2 + 2 + 2 + 2;
  // 1764: two bytes of digits and one; the list: three, two elements of one byte each.
  const rest = 1 + 3 + 1 + 3 + 2 + 2;
  expect(bytesOfItem(item)).toBe(keys + rest + 2 * keys);
  expect(bytesOfItem({ ...item, ix: { S: 'abc' } })).toBe(keys + rest + 2 * keys + 2 * (2 + 3));
});

it('refuses what it can not count', () => {
  expect(() => bytesOfItem({ pk: { NULL: true } })).toThrow('not counted');
});
