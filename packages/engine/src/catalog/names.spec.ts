import { describe, expect, it } from '@jest/globals';
import { foldedName } from './names.ts';

describe('foldedName', () => {
  it.each([
    ['Orders', 'orders'],
    ['Ärger', 'Ärger'],
    ['İSTANBUL', 'İstanbul'],
  ])('takes %s as %s: letters from A to Z alone', (name, folded) => {
    expect(foldedName(name)).toBe(folded);
  });
});
