import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { members, pageQuery, wholeNumber } from './request-schemas.ts';

const faultsOf = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];

describe('members', () => {
  const schema = members({ sql: z.string('must be text'), maxRows: z.number().optional() });

  it.each([
    [{ sql: 'select 1' }, []],
    [{ sql: 'select 1', sqll: 1, limit: 2 }, ['has members that are not known here: sqll, limit']],
    ['text', ['must be a JSON object with the members sql, maxRows']],
    [null, ['must be a JSON object with the members sql, maxRows']],
  ])('%j has the faults %j', (value, faults) => {
    expect(faultsOf(schema, value)).toEqual(faults);
  });
});

describe('wholeNumber', () => {
  it.each(['0', '101', '1.5', '-1', '1e2', '', ' 1', '0x1', '9999999999'])('refuses %j', (text) => {
    expect(faultsOf(wholeNumber(1, 100), text)).toContain('must be a whole number from 1 to 100');
  });

  it('is a number then', () => {
    expect(pageQuery.parse({ limit: '100' })).toEqual({ limit: 100 });
    expect(pageQuery.parse({ cursor: 'c' })).toEqual({ cursor: 'c' });
  });
});
