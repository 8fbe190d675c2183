import { describe, expect, it } from '@jest/globals';
import { fileOf, partOf, rowOf } from '../report/report.fixture.ts';
import { looseFigures } from './loose-figures.ts';
import { withFigures } from './markers.ts';
import type { Reports } from './selector.ts';

const ROWS = [
  rowOf('redis, one at a time: get / raw', 'raw: GET', 0.1),
  rowOf('redis, one at a time: get / raw', 'mooring', 0.126, 1.204),
  rowOf('redis, one at a time: get / a peer', 'mooring, again', 1260, 0.02),
];
const REPORTS: Reports = new Map([['stores', fileOf(partOf('redis', ROWS))]]);
const figure = (selector: string, content = ''): string => `a <!-- figure ${selector} -->${content}<!-- /figure --> b`;
const GET = 'stores/redis :: redis, one at a time: get / raw :: mooring';

describe('withFigures', () => {
  it.each([
    [`${GET} :: p50`, '0.13 ms'],
    [`${GET} :: p99`, '0.38 ms'],
    [`${GET} :: ratio`, '1.20'],
    [`${GET} :: range`, '1.10 to 1.30'],
    [`${GET} :: spread`, '1.20 (1.10 to 1.30)'],
    [`${GET} :: percent`, '120 %'],
    ['stores/redis :: redis, one at a time: get :: raw :: p50', '0.10 ms'],
    ['stores/redis :: redis, one at a time: get / a peer :: mooring :: p50', '1.3 s'],
    ['stores/redis :: check :: get', '1.20'],
    ['stores/redis :: check :: get :: verdict', '**missed**'],
  ])('writes %s', (selector, text) => {
    expect(withFigures(figure(selector, 'old'), REPORTS)).toBe(figure(selector, text));
  });

  it('reads a name that is broken over lines', () => {
    const broken = `${GET} :: p50`.replaceAll(' :: ', ' ::\n');
    expect(withFigures(figure(broken), REPORTS)).toBe(figure(broken, '0.13 ms'));
  });

  it.each([
    ['a report', 'auth/all :: get :: mooring :: p50'],
    ['a part', 'stores/mongo :: get :: mooring :: p50'],
    ['a figure', 'stores/redis :: redis, one at a time: put :: mooring :: p50'],
    ['an arm', 'stores/redis :: redis, one at a time: get :: keyv :: p50'],
    ['only one arm', 'stores/redis :: redis, one at a time: get :: moor :: p50'],
    ['a value', `${GET} :: p100`],
    ['a check', 'stores/redis :: check :: put'],
  ])('refuses a name without %s', (_, selector) => {
    expect(() => withFigures(figure(selector), REPORTS)).toThrow();
  });

  it('refuses a marker that does not end', () => {
    expect(() => withFigures(`${figure(`${GET} :: p50`)} <!-- figure ${GET} :: p50 --> 1 ms`, REPORTS)).toThrow(
      '2 markers begin and 1 end',
    );
  });

  it('writes tables of a part, and refuses those that there are not', () => {
    const text = withFigures('<!-- table promised stores/redis -->\n<!-- /table -->', REPORTS);
    expect(text).toMatch(/\n\n\| promised +\| +target \|[^]*\| \*\*missed\*\* \|\n\n<!-- \/table -->$/);
    expect(withFigures('<!-- table figures stores/redis :: redis, one at a time: --><!-- /table -->', REPORTS)).toMatch(
      /\| get +\| mooring +\| 0.13 ms \|/,
    );
    expect(withFigures('<!-- table promised stores/sqlite --><!-- /table -->', REPORTS)).toContain('Not measured yet.');
    expect(() => withFigures('<!-- table promised stores/mongo --><!-- /table -->', REPORTS)).toThrow('stores/mongo');
    expect(withFigures('<!-- table plots stores/redis --><!-- /table -->', REPORTS)).toContain(
      '![redis](reports/stores/redis.svg)',
    );
    expect(() => withFigures('<!-- table nothing --><!-- /table -->', REPORTS)).toThrow('nothing');
  });
});

describe('looseFigures', () => {
  const watched = { path: 'docs/performance.md', exceptions: { 'a target of 5 ms': 'a target' } };

  it.each([
    'takes 0.15 ms',
    '20,296/s',
    '1.05 (1.03 to 1.08)',
    'is 98 % of it',
    '0.99 x a read',
    'holds 64 MiB',
    'after 107 s',
  ])('finds: %s', (line) => {
    expect(looseFigures(line, watched)).toEqual([line]);
  });

  it.each([
    figure(`${GET} :: p50`, '0.13 ms'),
    'with a target of 5 ms',
    'PostgreSQL 18.4, five runs, 1,000,000 sessions, verify <= 1.15',
    'set `timeout 5 s`',
    '```\nsleep 5 s\n```',
  ])('leaves alone: %s', (text) => {
    expect(looseFigures(text, watched)).toEqual([]);
  });

  it('looks below a heading only, where one is named', () => {
    const text = '# A\n1 ms\n## The figures\n2 ms\n### More\n3 ms\n## B\n4 ms';
    expect(looseFigures(text, { path: 'README.md', heading: 'The figures', exceptions: {} })).toEqual(['2 ms', '3 ms']);
  });
});
