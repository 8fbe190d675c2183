import { describe, expect, it } from '@jest/globals';
import type { Value } from '@mooring/engine';
import { jsonOfRow } from './value-json.ts';

describe('jsonOfRow', () => {
  it('is exact at any depth', () => {
    const deep: Value = { a: [9007199254740993n, { b: Uint8Array.from([120, 121]) }], c: Number.POSITIVE_INFINITY };
    expect(jsonOfRow([deep, 9007199254740991n, null, '1.50'])).toEqual([
      { a: ['9007199254740993', { b: 'eHk=' }], c: 'Infinity' },
      9007199254740991,
      null,
      '1.50',
    ]);
  });

  it('keeps a member of any name a member', () => {
    const value = JSON.parse('{"__proto__":{"x":1}}') as Value;
    expect(JSON.stringify(jsonOfRow([value]))).toBe('[{"__proto__":{"x":1}}]');
  });
});
