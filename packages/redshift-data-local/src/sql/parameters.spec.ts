import { describe, expect, it } from '@jest/globals';
import { bindParameters, parameterNames } from './parameters.ts';

const PARAMETERS = ['a', 'b', '1', 'Ab_9'].map((name) => ({ name, value: `value of ${name}` }));

describe('parameters', () => {
  it.each([
    ['select :a', 'select $1'],
    ['select :a, :b, :a', 'select $1, $2, $1'],
    ['select :1, :Ab_9', 'select $1, $2'],
    ['select :a::int, x::text', 'select $1::int, x::text'],
    ["select ':a', E'\\':a', $$:a$$, $t$:a$t$, \":a\", :b", "select ':a', E'\\':a', $$:a$$, $t$:a$t$, \":a\", $1"],
    ['select :a -- :b\n', 'select $1 -- :b\n'],
    ['select /* :a /* :b */ */ :a', 'select /* :a /* :b */ */ $1'],
    ["select 'größe', :a, '✓', :b", "select 'größe', $1, '✓', $2"],
    ['select x[1:2], x[:a], (:b)', 'select x[1:2], x[$1], ($2)'],
    ['select a := 1', 'select a := 1'],
    ['select : a', 'select : a'],
    ['select :unknown', 'select :unknown'],
    ["select 'unclosed :a", "select 'unclosed :a"],
  ])('of %s', (sql, text) => {
    expect(bindParameters(sql, PARAMETERS).text).toBe(text);
  });

  it('are values in the order of their first use', () => {
    expect(bindParameters('select :b, :a, :b', PARAMETERS).values).toEqual(['value of b', 'value of a']);
    expect(parameterNames("select :b, ':x', :a::int, :b")).toEqual(['b', 'a']);
  });
});
