import { describe, expect, it } from '@jest/globals';
import { readsOf, referencesOf, refusal, writesOf } from '../sql.fixture.ts';

describe('what a statement reads', () => {
  it.each([
    ['select 1', []],
    ['select * from a', ['a']],
    ['table a', ['a']],
    ['values ((select b from a))', ['a']],
    ['select * from Sales.Orders o, "Sales"."Lines"', ['sales.lines', 'sales.orders']],
    ['select * from only a', ['a']],
    ['select * from a join b using (x) left join (c cross join d) on true', ['a', 'b', 'c', 'd']],
    [
      'select (select max(x) from a) from b where c in (select c from d) order by (select 1 from e)',
      ['a', 'b', 'd', 'e'],
    ],
    ['select 1 group by (select 1 from a) having exists (select from b) limit (select 1 from c)', ['a', 'b', 'c']],
    ['select * from a, lateral (select * from b where b.x = a.x) c', ['a', 'b']],
    ['select * from f((select x from a)) g, rows from (h((select 1 from b)))', ['a', 'b']],
    ['select count(*) filter (where x > (select 1 from a)) over (order by (select 1 from b)) from c', ['a', 'b', 'c']],
    ['select array(select x from a), case when (select true from b) then 1 end, x::int[] from c', ['a', 'b', 'c']],
    ['(select 1 from a union select 2 from b) except (values (1)) intersect table c', ['a', 'b', 'c']],
    ['select * from a tablesample bernoulli ((select 1 from b))', ['a', 'b']],
    ['select x > any (select y from a), row(1, (select 2 from b)) from c', ['a', 'b', 'c']],
    ['select grouping(x), (a.b).c, d[(select 1 from e)] from a group by rollup (x)', ['a', 'e']],
    [
      'select * from information_schema.tables, pg_catalog.pg_class',
      ['information_schema.tables', 'pg_catalog.pg_class'],
    ],
    ["select json_object('a': (select 1 from a)), xmlelement(name b, (select 1 from b))", ['a', 'b']],
    ['explain select * from a', ['a']],
    ['insert into t select * from a', ['a']],
    ['insert into t values ((select 1 from a))', ['a']],
    ['update t set a = 1 from b', ['b']],
    ['update t set (a, b) = (select 1, 2 from c)', ['c']],
    ['delete from t using a, b', ['a', 'b']],
    [
      'merge into t using (select * from a) s on true when matched and exists (select from b) then delete',
      ['a', 'b', 't'],
    ],
    ['create table t as select * from a', ['a']],
    ['create view t as select * from a where x in (table b)', ['a', 'b']],
    ['create table t (like a, b int references c (d))', ['a', 'c']],
  ])('%s', (sql, reads) => {
    expect(readsOf(sql)).toEqual(reads);
  });

  it.each([
    ['with a as (select 1) select * from a', []],
    ['with a as (select * from b), b as (select * from a) select * from a, b', ['b']],
    ['with a as (select * from a) select * from a', ['a']],
    ['with a as (select 1) select * from x.a', ['x.a']],
    ['with a as (select 1) select (select 1 from a where exists (select from a)) from (table a) b', []],
    ['select * from (with a as (select 1) select * from a) b, a', ['a']],
    ['(with a as (select 1) select * from a) union all select * from a', ['a']],
    ['with a as (select 1) select * from a union all select * from a', []],
    ['with a as (with b as (table c) table b) select * from a, b', ['b', 'c']],
    ['with a as (select 1) select * from (with a as (table b) table a) c, a', ['b']],
    ['with "A" as (select 1) select * from a', ['a']],
    ['with a as (select 1) select * from "A"', ['a']],
    ['with "A" as (select 1) select * from "A"', []],
    ['with a as (select 1) insert into t select * from a returning (select 1 from a)', ['t']],
    ['insert into t with a as (select 1) select * from a', []],
    ['with a as (select 1) update t set b = (select 1 from a) from a', []],
    ['with a as (select 1) delete from t using a', []],
    ['with a as (select 1) merge into t using a on true when not matched then insert default values', ['t']],
    ['explain with a as (select 1) select * from a', []],
    ['create table t as with a as (select 1) select * from a', []],
    ['create view t as with a as (select 1) select * from a', []],
    ['with a as not materialized (select 1) select * from lateral (select * from a) b', []],
  ])('of CTEs only what is a table: %s', (sql, reads) => {
    expect(readsOf(sql)).toEqual(reads);
  });

  it.each([
    ['with recursive a as (select 1 union all select x from a) select * from a', []],
    ['with recursive a as (select 1 union select x from (select * from a join b using (x)) c) table a', ['b']],
    ['with recursive a as (select 1), b as (select 1 from a union select 1 from b) table b', []],
    ['create recursive view v (x) as select 1 union all select x from v', []],
    ['with recursive a as (table a) table a', ['a']],
    ['with recursive a as (table a union table a) table a', ['a']],
    ['with recursive a as (select 1 except table a) table a', ['a']],
    ['with recursive a as (select 1 intersect table a) table a', ['a']],
    ['with recursive a as (select 1 union select 2 order by (select 1 from a)) table a', ['a']],
    ['with recursive a as (table b), b as (select 1) table a', ['b']],
    ['with recursive a as (with b as (table a) select 1 union select 1 from a, b) table a', ['a']],
  ])('of recursive CTEs, what any engine could take for a table: %s', (sql, reads) => {
    expect(readsOf(sql)).toEqual(reads);
  });

  it.each([
    ['insert into t values (1) returning id', ['t']],
    ['insert into t values (1) on conflict do nothing', []],
    ['insert into t values (1) on conflict (id) do nothing', ['t']],
    ['insert into t values (1) on conflict on constraint c do update set a = excluded.a', ['t']],
    ['update t set a = 1', []],
    ['update t set a = a + 1', ['t']],
    ['update t set a = 1 where b = 2', ['t']],
    ['update t set a = 1 returning 1', ['t']],
    ['delete from t', []],
    ['delete from t where a = 1', ['t']],
    ['delete from t returning *', ['t']],
  ])('the table that is written, where its rows are looked at: %s', (sql, reads) => {
    expect(readsOf(sql)).toEqual(reads);
  });
});

describe('what a statement writes', () => {
  it.each([
    ['select 1 from a', []],
    ['insert into s.t select 1', ['insert s.t']],
    ['insert into t values (1) on conflict (id) do nothing', ['insert t']],
    ['insert into t values (1) on conflict (id) do update set a = 1', ['insert t', 'update t']],
    ['update "T" set a = 1', ['update t']],
    ['delete from only t', ['delete t']],
    ['with t as (select 1) delete from t', ['delete t']],
    ['with t as (select 1) update t set a = 1', ['update t']],
    ['with t as (select 1) insert into t table t', ['insert t']],
    ['with a as (delete from t returning *) insert into u select * from a', ['delete t', 'insert u']],
    [
      'with a as (update t set b = 1 returning *), c as (insert into a table a) select * from a',
      ['insert a', 'update t'],
    ],
    ['select * from (with a as (delete from t returning 1) select 1) b', ['delete t']],
    ['explain analyze delete from t', ['delete t']],
    ['explain update t set a = 1', ['update t']],
    [
      'merge into t using a on true when matched and b then update set c = 1 when matched then delete ' +
        'when not matched then insert values (1)',
      ['delete t', 'insert t', 'update t'],
    ],
    ['merge into t using a on true when matched then do nothing', []],
    ['create table t as select 1', []],
  ])('%s', (sql, writes) => {
    expect(writesOf(sql)).toEqual(writes);
  });
});

describe('what a statement calls', () => {
  it.each([
    [
      'select now(), Upper(\'a\'), pg_catalog.lower(\'b\'), "Mine"."F"(1)',
      ['now', 'upper', 'pg_catalog.lower', 'mine.f'],
    ],
    ["select * from read_csv('a') x, generate_series(1, f(2))", ['read_csv', 'generate_series', 'f']],
    ['select count(*) over (partition by f(a)) from t where b > g(c)', ['count', 'f', 'g']],
    ["select f(a)::int + cast(g(b) as text) || 'x' from t", ['f', 'g']],
    ['select * from t order by f(a) limit g(1)', ['f', 'g']],
    [
      'select current_date, current_timestamp(3), localtime, current_user, user',
      ['current_date', 'current_timestamp', 'localtime', 'current_user', 'user'],
    ],
    [
      'select extract(year from a), a at time zone b, substring(c from 1) from t',
      ['pg_catalog.extract', 'pg_catalog.timezone', 'pg_catalog.substring'],
    ],
    [
      "select xmlelement(name a), json_object('a': 1), json_value(b, '$.c') from t",
      ['xmlelement', 'json_object', 'json_value'],
    ],
    ["select 'a'::regclass, cast(b as pg_catalog.regproc), c::int from t", ['regclass', 'regproc']],
    ['select coalesce(a, b), nullif(a, b), greatest(a, b), a between 1 and 2 from t', []],
    ['insert into t values (f(1)) on conflict (a) do update set b = g(2) returning h(3)', ['f', 'g', 'h']],
    ['delete from t where f(a) returning g(b)', ['f', 'g']],
    ['create table t (a int default f(1), check (g(a) > 0))', ['f', 'g']],
    ['alter table t add column a int default f(1)', ['f']],
    ['create view v as select f(1)', ['f']],
  ])('%s', (sql, functions) => {
    expect([...referencesOf(sql).functions].sort()).toEqual([...functions].sort());
  });
});

describe('parameters', () => {
  it.each([
    ['select 1', 0],
    ['select $1, $3 from t where a = $2', 3],
    ['select \'$9\', "$8" /* $7 */ from t limit $1', 1],
    ['insert into t values ($50)', 50],
    ['create table t as select $2::int', 2],
  ])('%s', (sql, count) => {
    expect(referencesOf(sql).parameterCount).toBe(count);
  });

  it('are at most 50, from $1', () => {
    expect(refusal('select 1,\n $51')).toMatchObject({ code: 'parameter_too_many', line: 2, column: 2 });
    expect(refusal('select $0')).toMatchObject({ code: 'syntax_error', column: 8 });
    expect(refusal('select $99999999999')).toMatchObject({ code: 'syntax_error', column: 8 });
  });
});

describe('what is refused wherever it stands', () => {
  it.each([
    ['select * into b from a', 'unsupported_statement', 15, 'CREATE TABLE name AS'],
    ['select 1 from (select * into b from a) c', 'unsupported_statement', 30, 'CREATE TABLE name AS'],
    ['select * from a for update', 'unsupported_statement', 1, 'FOR UPDATE'],
    ['select * from (select * from a for share) b', 'unsupported_statement', 1, 'FOR UPDATE'],
    ["select 'ä', * from c.s.t", 'invalid_name', 20, 'up to two parts'],
    ['delete from c.s.t', 'invalid_name', 13, 'up to two parts'],
    ['drop table a, c.s.t', 'invalid_name', 1, 'up to two parts'],
  ])('%s', (sql, code, column, message) => {
    expect(refusal(sql)).toMatchObject({ code, line: 1, column, message: expect.stringContaining(message) });
  });
});
