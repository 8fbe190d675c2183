import { describe, expect, it } from '@jest/globals';
import { DEFAULTS, resolveOptions } from './options.ts';

const numbers = Object.entries(DEFAULTS).flatMap(([name, value]) => (typeof value === 'number' ? [name] : []));

describe('options of a warehouse', () => {
  it.each(numbers)('%s must be a whole number', (name) => {
    for (const value of [Number.NaN, -1, 0.5]) {
      expect(() => resolveOptions({ [name]: value })).toThrow(`${name} must be a whole number`);
    }
  });
});
