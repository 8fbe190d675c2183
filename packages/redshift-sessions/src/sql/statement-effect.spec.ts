import { describe, expect, it } from '@jest/globals';
import { readSql } from './sql-text.ts';
import { statementEffect } from './statement-effect.ts';

const effectOf = (sql: string): string => statementEffect(readSql(sql).tokens);

describe('statementEffect', () => {
  it.each([
    'select 1',
    '(select 1) union all (select 2)',
    'WITH x AS (SELECT 1) DELETE FROM t USING x',
    "insert into t values ('set x')",
    'create table t (temp int)'.replace('temp', 'temperature'),
    "select 'create temp table x'",
    'select 1 -- create temp table x',
    'explain select 1',
    'drop table t',
    'rollback',
    "copy t from 's3://b/k' iam_role default",
    'select * into newtable from t',
    'select * from pg_settings',
  ])('is pure: %s', (sql) => {
    expect(effectOf(sql)).toBe('pure');
  });

  it.each([
    'set search_path to x',
    'RESET ALL',
    'begin',
    'start transaction',
    '/* c */ SET x TO 1',
    "update pg_settings set setting = '1' where name = 'statement_timeout'",
  ])('is settings: %s', (sql) => {
    expect(effectOf(sql)).toBe('settings');
  });

  it.each([
    'create temp table x (a int)',
    'create temporary table x as select 1',
    'CREATE TABLE #x (a int)',
    'select * into #x from t',
    'select * into "#x" from t',
    'select * into temp x from t',
    'create table pg_temp.x (a int)',
    'prepare p as select 1',
    'declare c cursor for select 1',
    'call p()',
    'use otherdb',
    'lock t',
    "select set_config('a.b', 'c', false)",
    "select \"set_config\"('a.b', 'c', false)",
    'select pg_advisory_lock(1)',
    String.raw`select U&"set\005fconfig"('a.b', 'c', false)`,
    String.raw`create table U&"pg\005ftemp".x (a int)`,
    "select query_to_xml('select set_config(1)', true, true, '')",
    "select * from ts_stat('select set_config(1)')",
    "select dblink('select 1')",
    'something new',
  ])('is dirty: %s', (sql) => {
    expect(effectOf(sql)).toBe('dirty');
  });

  it('counts a role change as a setting, which the reset undoes', () => {
    expect(effectOf("set session authorization 'x'")).toBe('settings');
  });
});
