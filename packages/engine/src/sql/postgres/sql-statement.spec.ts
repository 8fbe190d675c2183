import { describe, expect, it } from '@jest/globals';
import { bodyOf, only, refusal } from '../sql.fixture.ts';

const table = (name: string, namespace?: string): object => ({ namespace, name });

describe('statements that PostgreSQL has', () => {
  it.each([
    ['select 1', 'select'],
    ['(select 1)', 'select'],
    ['values (1)', 'select'],
    ['table t', 'select'],
    ['with a as (select 1) select * from a', 'select'],
    ['with a as (delete from t returning *) select * from a', 'select'],
    ['with a as (select 1) insert into t table a', 'insert'],
    ['with a as (select 1) update t set b = 1', 'update'],
    ['with a as (select 1) delete from t', 'delete'],
    ['with a as (select 1) merge into t using a on true when matched then delete', 'merge'],
  ])('are known by what they do: %s', (sql, kind) => {
    expect(only(sql).kind).toBe(kind);
  });

  it.each([
    ['explain select 1', false],
    ['explain verbose select 1', false],
    ['explain analyze delete from t', true],
    ['explain analyse select 1', true],
    ['explain (analyze) select 1', true],
    ['explain (analyze on, verbose) select 1', true],
    ['explain (analyze false) select 1', true],
    ['explain (analyze off) select 1', true],
    ['explain (analyze 0) select 1', true],
    ['explain (analyze 1) select 1', true],
    ['explain (format json) select 1', false],
  ])('EXPLAIN runs it or not: %s', (sql, analyze) => {
    expect(bodyOf(sql)).toMatchObject({ kind: 'explain', analyze });
  });

  it.each([
    [
      'create table s.T (a int primary key, b text default $1)',
      { kind: 'create_table', table: table('t', 's'), ifNotExists: false, temporary: false },
    ],
    [
      'create temp table if not exists t as select 1 with no data',
      { kind: 'create_table', table: table('t'), ifNotExists: true, temporary: true },
    ],
    [
      'create or replace view v as select 1',
      { kind: 'create_view', table: table('v'), orReplace: true, temporary: false },
    ],
    ['create temporary view v as select 1', { kind: 'create_view', orReplace: false, temporary: true }],
    ['alter table if exists s.t add column a int', { kind: 'alter_table', table: table('t', 's'), ifExists: true }],
    ['alter table t alter a type text, drop column b cascade', { kind: 'alter_table', ifExists: false }],
    ['alter table t rename to "U"', { kind: 'alter_table', table: table('t'), renameTo: 'u' }],
    ['alter table t rename column a to b', { kind: 'alter_table', table: table('t'), ifExists: false }],
    [
      'drop table if exists s.t, "U" cascade',
      { kind: 'drop_table', tables: [table('t', 's'), table('u')], ifExists: true, cascade: true },
    ],
    ['drop view v restrict', { kind: 'drop_view', tables: [table('v')], ifExists: false, cascade: false }],
  ])('say which table: %s', (sql, body) => {
    expect(bodyOf(sql)).toMatchObject(body);
  });

  it('do not call a renamed column a renamed table', () => {
    expect(bodyOf('alter table t rename a to b')).not.toHaveProperty('renameTo');
  });

  it.each([
    'create table t (a int) inherits (b)',
    'create table t partition of b default',
    'create table t (a int) partition by list (a)',
    'create table t of b',
    'create table t (a int) with (fillfactor = 10)',
    'create table t (a int) tablespace b',
    'create table t (a int) using heap',
    'create table t as execute p',
    'create unlogged table t (a int)',
    'create materialized view v as select 1',
    'create foreign table t (a int) server s',
    'create table t with (a = 1) as select 1',
    'alter table t owner to eve',
    'alter table t set schema s',
    'alter table t inherit b',
    'alter table t enable row level security',
    'alter table t set unlogged',
    'alter view v rename to w',
    'alter index i rename to j',
    'alter table all in tablespace a set tablespace b',
    'drop index i',
    'drop schema s',
    'drop materialized view v',
    'drop function f',
    'drop owned by eve',
    'explain create table t as select 1',
    'explain execute p',
    'explain declare c cursor for select 1',
    'create index i on t (a)',
    'create rule r as on insert to t do also select 1',
  ])('are refused where they do more than tables can: %s', (sql) => {
    expect(refusal(sql).code).toBe('unsupported_statement');
  });

  it.each([
    ['select from where', 1, 13, 'at "where"'],
    ["select 'ä😀',\n  'secret' from from", 2, 17, 'at "from"'],
    ["select * from t where 'secret' $$other$$", 1, 32, 'at a text'],
    ['select "secret" "other" "third"', 1, 25, 'at a name in quotes'],
    ['select * from t limit 12 34', 1, 26, 'at a number'],
    ['select (1', 1, 10, 'at the end of the statement'],
    ['select 1;\nselect 1 +', 2, 11, 'at the end of the statement'],
    ['select * exclude (a) from t', 1, 10, 'at "exclude"'],
    ['select {a: 1}', 1, 8, 'U+007B'],
    ['select 0x1F', 1, 8, 'runs into a word'],
    ['select 1 /* c */ from /* d */ , t', 1, 31, 'at ","'],
    ['(select 1 order by 1) order by 2', 1, 32, 'Multiple ORDER BY clauses not allowed at a number'],
    [String.raw`select E'\u12'`, 1, 10, 'Invalid Unicode escape at a text'],
    [String.raw`select E'\xff'`, 1, 1, 'no characters'],
    ['explain use a', 1, 9, 'at "use"'],
    ['select 1; explain', 1, 18, 'at the end of the statement'],
    ['select a from t where b = ?', 1, 28, 'a parameter is written $1'],
    ['select a from t where b in (?, ?)', 1, 30, 'a parameter is written $1'],
    ['select :name', 1, 8, 'a parameter is written $1'],
  ])('are refused by the place of what is wrong, without what they say: %s', (sql, line, column, message) => {
    const error = refusal(sql);
    expect(error).toMatchObject({ code: 'syntax_error', line, column, message: expect.stringContaining(message) });
    expect(error.message).not.toMatch(/secret|other|third|12|34$/);
    expect(error.cause).toBeUndefined();
  });
});
