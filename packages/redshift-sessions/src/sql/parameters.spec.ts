import { describe, expect, it } from '@jest/globals';
import { bindParameters } from './parameters.ts';
import type { StatementParameters } from './parameters.ts';

describe('bindParameters', () => {
  it('passes every value as the text of its literal', () => {
    expect(bindParameters({ a: 1.5, b: true, c: 'x', d: 9223372036854775807n }, ['a', 'b', 'c', 'd'])).toEqual([
      { name: 'a', value: '1.5' },
      { name: 'b', value: 'true' },
      { name: 'c', value: 'x' },
      { name: 'd', value: '9223372036854775807' },
    ]);
  });

  it('names what is missing and what is unused, both at once', () => {
    expect(() => bindParameters({ b: 1, c: 2 }, ['a', 'b'])).toThrow(
      expect.objectContaining({ code: 'invalid_parameters', details: { missing: ['a'], unused: ['c'] } }),
    );
  });

  it('does not name thousands of them, nor all of a long one', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`a${index}`, 1]));
    expect(() => bindParameters(many, [])).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/"a9" and 990 more\.$/) }),
    );
    const long = 'x'.repeat(5000);
    expect(() => bindParameters({ [long]: 1 }, [])).toThrow(
      expect.objectContaining({ message: `The statement does not use "${'x'.repeat(64)}".` }),
    );
  });

  it('refuses a name given twice', () => {
    const twice = [
      { name: 'a', value: 1 },
      { name: 'a', value: 2 },
    ];
    expect(() => bindParameters(twice, ['a'])).toThrow(expect.objectContaining({ details: { duplicate: ['a'] } }));
  });

  it.each([
    ['the empty text', { a: '' }, "write '' into the SQL"],
    ['null', { a: null as never }, 'write NULL into the SQL'],
    ['NaN', { a: Number.NaN }, 'not a finite number'],
    ['an object', { a: {} as never }, 'must be a text'],
  ] as [string, StatementParameters, string][])('refuses %s and says what to do', (_, parameters, remedy) => {
    expect(() => bindParameters(parameters, ['a'])).toThrow(
      expect.objectContaining({ message: expect.stringContaining(remedy) }),
    );
  });

  it('does not take what Object.prototype has for a parameter', () => {
    expect(() => bindParameters({}, ['toString'])).toThrow(
      expect.objectContaining({ details: { missing: ['toString'], unused: [] } }),
    );
  });

  it('never repeats a value', () => {
    expect(() => bindParameters({ a: 'hunter2' }, [])).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});
