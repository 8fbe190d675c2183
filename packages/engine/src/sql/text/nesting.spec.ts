import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from 'libpg-query';
import { parseBatch } from '../parse-batch.ts';
import { refusal } from '../sql.fixture.ts';
import { piecesOf } from './pieces.ts';

const DOCUMENT = new URL('../../../../../docs/sql.md', import.meta.url);

const nested = (open: string, inside: string, close: string) => (count: number) =>
  open.repeat(count) + inside + close.repeat(count);

/** Texts that nest as deeply as a number says, each in its way. */
const SHAPES: Readonly<Record<string, (count: number) => string>> = {
  parentheses: (n) => `select ${nested('(', '1', ')')(n)}`,
  queries: (n) => `select ${nested('(select ', '1', ')')(n)}`,
  'queries in FROM': (n) => `select * from ${nested('(select * from ', 't', ')')(n)}`,
  'queries in IN': (n) => `select 1 where a in ${nested('(select a from b where a in ', '(1)', ')')(n)}`,
  calls: (n) => `select ${nested('f(x => ', '1', ')')(n)}`,
  arrays: (n) => `select ${nested('array[', '1', ']')(n)}`,
  subscripts: (n) => `select ${nested('a[', '1', ']')(n)}`,
  cases: (n) => `select ${nested('case when a then ', '1', ' end')(n)}`,
  'cases in ELSE': (n) => `select ${nested('case when a or b then c else ', '1', ' end')(n)}`,
  windows: (n) => `select ${nested('f() over (partition by ', '1', ')')(n)}`,
  CTEs: nested('with a as (', 'select 1', ') select 1'),
  'rows from': (n) => `select * from ${nested('rows from (f((select 1 from ', 't', ')))')(n)}`,
  signs: (n) => `select ${'- '.repeat(n)}a`,
  NOT: (n) => `select ${'not '.repeat(n)}a`,
  sums: (n) => `select a${' + a'.repeat(n)}`,
  'sums of columns with names of keywords': (n) => `select a${' + a.on + a.union + a.and + a.end'.repeat(n)}`,
  'sums of columns named like separators': (n) => `select a${' + a.on + a.and'.repeat(n)}`,
  'sums around a sum': (n) => `select ${nested('(', 'a', ` + a${' + a'.repeat(20)})`)(n)}`,
  casts: (n) => `select a${'::int'.repeat(n)}`,
  'BETWEEN after BETWEEN': (n) => `select a${' between 1 and b is null'.repeat(n)}`,
  'IN after IN': (n) => `select a${' in (1)'.repeat(n)}`,
  'sums of CASE': (n) => `select 1${' + case when b or c then d else e end'.repeat(n)}`,
  unions: (n) => `select 1${' union select 1'.repeat(n)}`,
  'unions around unions': (n) => nested('(', 'select 1', ' union select 1 union select 1)')(n),
  joins: (n) => `select 1 from t${' cross join t'.repeat(n)}`,
  'joins in parentheses': (n) => `select 1 from ${nested('(', 't', ' cross join t)')(n)}`,
  defaults: (n) => `create table t (a int default ${nested('(', '1', ' + 1)')(n)})`,
};

/** The largest number that is not refused for its nesting. */
function mostAccepted(shape: (count: number) => string): number {
  let accepted = 0;
  for (let step = 1024; step >= 1; step /= 2) {
    try {
      piecesOf(shape(accepted + step));
      accepted += step;
    } catch {
      continue;
    }
  }
  return accepted;
}

/** Of the tree, in objects: two for an operator, about ten for a query in another. */
function depthOf(sql: string): number {
  const pending: [unknown, number][] = [[parseSync(sql), 0]];
  let deepest = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [value, depth] = next;
    deepest = Math.max(deepest, depth);
    if (typeof value !== 'object' || value === null) continue;
    const step = Array.isArray(value) ? 0 : 1;
    for (const child of Object.values(value)) pending.push([child, depth + step]);
  }
  return deepest;
}

describe('checkNesting', () => {
  it.each(Object.keys(SHAPES))('bounds %s so that the parser and the walk hold', (name) => {
    const shape = SHAPES[name] ?? (() => '');
    const most = mostAccepted(shape);
    expect(most).toBeGreaterThanOrEqual(15);
    expect(most).toBeLessThanOrEqual(800);
    expect(depthOf(shape(most))).toBeLessThan(2_500);
    expect(parseBatch(shape(most))).toHaveLength(1);
    expect(refusal(shape(100_000 / shape(1).length + 1_000))).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('nests too deeply'),
    });
  });

  it.each([
    ['parentheses', 'brackets in brackets'],
    ['queries', 'queries in queries'],
    ['sums', 'operators between columns'],
    ['unions', 'UNIONs'],
  ])('accepts as many %s as the document says, and says how it counts', (name, words) => {
    const shape = SHAPES[name] ?? (() => '');
    const most = Number(new RegExp(`(\\d+) ${words.replaceAll(' ', '\\s')}`).exec(readFileSync(DOCUMENT, 'utf8'))?.[1]);
    expect(parseBatch(shape(most))).toHaveLength(1);
    expect(refusal(shape(most + 1))).toMatchObject({
      message: expect.stringContaining('a depth of 800 is accepted: a pair of brackets or a CASE counts 4,'),
      facts: { limit: 800 },
    });
  });

  it('does not count what stands side by side', () => {
    const wide = [
      `select ${'a + 1, '.repeat(5_000)}1`,
      `select 1 where ${'a = 1 and not b or '.repeat(5_000)}c`,
      `select 1 where ${'a between 1 and 2 and '.repeat(100)}c`,
      `select 1 where ${'a between 1 and 2 or '.repeat(5_000)}c`,
      `insert into t values ${"(1, f('x'), (2)), ".repeat(5_000)}(1, 2, 3)`,
      `select case ${"when a = 1 then 'b' ".repeat(5_000)} end`,
      `select 1 where a in (${'1, '.repeat(5_000)}2)`,
      `select 1 from t ${'join u on t.a = u.a and t.b = u.b '.repeat(400)}`,
    ];
    for (const sql of wide) expect(parseBatch(sql)).toHaveLength(1);
  });

  it('is not fooled by quoted names and labels that look like brackets', () => {
    expect(parseBatch('select "(", "case", 1 as case, t.end, 1 as "[" from t; select 1')).toHaveLength(2);
  });
});
