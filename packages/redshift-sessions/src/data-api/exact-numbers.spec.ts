import { describe, expect, it } from '@jest/globals';
import { parseExact } from './exact-numbers.ts';
import { columnOf, rowOf } from '../statement/typed-values.ts';

describe('parseExact', () => {
  it('keeps every digit of an integer', () => {
    expect(parseExact('{"a":9223372036854775807,"b":-9223372036854775808,"c":12}')).toEqual({
      a: 9223372036854775807n,
      b: -9223372036854775808n,
      c: 12,
    });
  });

  it('leaves texts that look like numbers, and floats, as they are', () => {
    expect(parseExact('{"a":"9223372036854775807","b":0.1234567890123456,"c":1e300}')).toEqual({
      a: '9223372036854775807',
      b: 0.1234567890123456,
      c: 1e300,
    });
  });
});

describe('rowOf', () => {
  const columns = ['int8', 'int4', 'numeric', 'float8', 'bool', 'varchar', 'date'].map((typeName, index) =>
    columnOf({ name: `c${index}`, typeName, nullable: 1 }),
  );

  it('types every field by its column', () => {
    const row = rowOf(
      [
        { longValue: 7 },
        { longValue: 7 },
        { stringValue: '1.50' },
        { doubleValue: 'NaN' },
        { booleanValue: false },
        { stringValue: '' },
        { isNull: true },
      ],
      columns,
    );
    expect(row).toEqual([7n, 7, '1.50', Number.NaN, false, '', null]);
  });

  it.each([['abc'], [''], [true], [[1]], [nested(9000)]])('refuses a float that is none', (doubleValue) =>
    expect(() => rowOf([{ doubleValue: doubleValue as number }], columns.slice(3, 4))).toThrow(TypeError),
  );
});

/** So deep that making a text of it overflows the stack. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
