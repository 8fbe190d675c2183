import { describe, expect, it } from '@jest/globals';
import { fitsIntoChunk, isOneQuery } from './most-rows.ts';
import { tokensOf } from './tokens.ts';

const fits = (sql: string): boolean => fitsIntoChunk(sql, tokensOf(sql) ?? []);

describe('fitsIntoChunk', () => {
  it.each([
    'SELECT 1',
    'select $1 + 2 as "from", \'from (x)\', [1, 2] where true',
    'SELECT * FROM t ORDER BY a LIMIT 2048',
    'WITH w AS (SELECT * FROM t) FROM w UNION ALL FROM t limit 0',
  ])('knows it of %s', (sql) => expect(fits(sql)).toBe(true));

  it.each([
    'SELECT * FROM t',
    'FROM t',
    'SELECT unnest([1, 2])',
    'SELECT "unnest"([1, 2])',
    'SELECT 1 UNION ALL SELECT 2',
    'VALUES (1), (2)',
    'SELECT * FROM t LIMIT 2049',
    'SELECT * FROM t LIMIT 10%',
    'SELECT * FROM t LIMIT 1e4',
    'SELECT * FROM t LIMIT $1',
    'SELECT * FROM t LIMIT 1 OFFSET 5',
    "SELECT * FROM t WHERE a = ' limit 5'",
    'SELECT * FROM (SELECT * FROM t LIMIT 5)',
    'SELECT * FROM t -- LIMIT 5',
    'SELECT * FROM t "limit" 5',
  ])('does not of %s', (sql) => expect(fits(sql)).toBe(false));
});

describe('isOneQuery', () => {
  const isOne = (sql: string): boolean => isOneQuery(sql, tokensOf(sql) ?? []);

  it.each(['SELECT 1', '\n\tselect * from "pivot" limit 1', 'SELECT-1 -- select'])('is true of %j', (sql) =>
    expect(isOne(sql)).toBe(true),
  );

  it.each([
    'SELECT 1; SELECT 2',
    "SELECT ';'",
    'SELECT 1 /* ; */',
    '/* */ SELECT 1',
    '(SELECT 1)',
    'FROM t LIMIT 1',
    'WITH w AS (SELECT 1) DELETE FROM t LIMIT 1',
    'selected 1',
    'SELECT $1',
    'SELECT ?',
    'SELECT * FROM (PIVOT t ON b USING sum(a)) LIMIT 5',
    'SELECT * FROM (PIVOT_WIDER t ON b USING sum(a)) LIMIT 5',
  ])('is false of %j', (sql) => expect(isOne(sql)).toBe(false));
});
